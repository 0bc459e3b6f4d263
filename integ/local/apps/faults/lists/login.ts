import { parts } from '../../../parts/parts';
import { Fault } from '../fault';
import { FaultScene } from '../fault-scene';

const FAILS = { phase: 'login', does: { result: 'fails' }, says: 'ERROR: there is no password for ... (...): the build\'s role needs ecr:GetAuthorizationToken, and the build a way to the ECR API' } as const;

/** Lets the AWS CLI give the password, which asks the API for it. */
function byCli(scene: FaultScene): void {
  scene.assembly.writeHelper('exit 1');
  scene.environment = { ...scene.lab.aws.environment('eu-west-1'), PATH: parts.python };
}

export const loginFaults: readonly Fault[] = [
  {
    phase: 'login',
    broken: 'the credential helper prints something unexpected',
    happen: scene => {
      byCli(scene);
      scene.assembly.writeHelper('echo "<html>"');
    },
    does: { result: 'built', cache: 'not used' },
    next: { result: 'built', cache: 'used' },
    within: 60,
  },
  {
    ...FAILS,
    broken: 'the ECR API denies the password',
    happen: scene => {
      byCli(scene);
      scene.until(scene.lab.aws.deny('ecr', 'GetAuthorizationToken'));
    },
    next: { result: 'built', cache: 'not used' },
    within: 60,
  },
  {
    ...FAILS,
    broken: 'no answer from the ECR API',
    happen: scene => {
      byCli(scene);
      scene.until(scene.lab.aws.answer('ecr', 'GetAuthorizationToken', async () => new Promise(() => undefined)));
    },
    says: 'ERROR: there is no password for ... (it did not end within 60 seconds): ...',
    next: { result: 'built', cache: 'not used' },
    within: 100,
  },
];
