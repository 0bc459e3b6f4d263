import { Fault } from './fault';
import { baseImageFaults } from './lists/base-image';
import { cacheFaults } from './lists/cache';
import { exportFaults } from './lists/export';
import { inputFaults } from './lists/input';
import { loginFaults } from './lists/login';
import { lookupFaults } from './lists/lookup';
import { publishFaults } from './lists/publish';
import { pushFaults } from './lists/push';
import { recordFaults } from './lists/record';
import { tagFaults } from './lists/tags';

/** All that is played, in the order of a build. */
export const faults: readonly Fault[] = [
  ...inputFaults, ...loginFaults, ...lookupFaults, ...baseImageFaults, ...cacheFaults, ...recordFaults, ...pushFaults, ...publishFaults, ...exportFaults, ...tagFaults,
];
