import { Fault } from './fault';
import { lookupFaults } from './lists/lookup';

export const faults: readonly Fault[] = [...lookupFaults];
