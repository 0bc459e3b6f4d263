import { Fault } from './fault';
import { baseImageFaults } from './lists/base-image';
import { bucketFaults } from './lists/bucket';
import { cacheFaults } from './lists/cache';
import { engineFaults } from './lists/engine';
import { exportFaults } from './lists/export';
import { inputFaults } from './lists/input';
import { loginFaults } from './lists/login';
import { lookupFaults } from './lists/lookup';
import { machineFaults } from './lists/machine';
import { publishFaults } from './lists/publish';
import { pushFaults } from './lists/push';
import { raceFaults } from './lists/race';
import { recordFaults } from './lists/record';
import { tagFaults } from './lists/tags';

/** All that is played, in the order of a build. */
export const faults: readonly Fault[] = [
  ...inputFaults, ...loginFaults, ...lookupFaults, ...baseImageFaults, ...cacheFaults, ...recordFaults,
  ...pushFaults, ...publishFaults, ...exportFaults, ...tagFaults,
  ...bucketFaults, ...machineFaults, ...engineFaults, ...raceFaults,
];
