import { BoundBuilder } from './bound-builder';
import { RemoteBuilderOptions } from './remote-builder-options';
import { REMOTE_VARIABLES } from '../plan/step-settings';
import { boundMirrors } from '../registry/bound-mirrors';
import { SecretField } from '../secret/secret-variables';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';
import { PORT } from '../values/port';

const NAME = '[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?';
const ENDPOINT = new RegExp(`^tcp://(${NAME}|\\[[0-9a-fA-F:]+\\]):${PORT}$`);

/** The parts of mutual TLS, and where they are in the secret. */
const FIELDS = { ca: ['caField', 'ca'], cert: ['certField', 'cert'], key: ['keyField', 'key'] } as const;

/** BuildKit daemons that are there before the build and after it. */
export function remoteBuilder(caller: string, options: RemoteBuilderOptions): BoundBuilder {
  const { endpoints, serverName } = options;
  checkEndpoints(caller, endpoints);
  if (serverName !== undefined && !(isKnownAtSynthesis(serverName) && new RegExp(`^${NAME}$`).test(serverName))) {
    throw new Error(`${caller}: serverName must be the name of a host, known at synthesis, got ${JSON.stringify(serverName)}; for example 'buildkit.example.internal'`);
  }
  const mirrors = boundMirrors(caller, options);
  return {
    layerCaches: ['LayerCache.registry()', 'LayerCache.inline()', 'LayerCache.none()'],
    settings: { kind: 'remote', endpoints, ...serverName !== undefined && { serverName }, ...mirrors.settings },
    secrets: secretsOf(caller, options),
    registries: mirrors.access,
    privileged: false,
    runsElsewhere: true,
  };
}

function checkEndpoints(caller: string, endpoints: string[]): void {
  if (endpoints.length === 0) {
    throw new Error(`${caller}: endpoints is empty; give the address of each BuildKit daemon, for example 'tcp://buildkit-0.example.internal:1234'`);
  }
  // The host of a daemon may be known at deployment only; a project cannot be given what is known in a run of the pipeline only.
  const wrong = endpoints.find((endpoint) => !ENDPOINT.test(endpoint.replace(/\$\{Token\[[^\]]*\]\}/g, 'host')));
  if (wrong !== undefined) {
    throw new Error(`${caller}: endpoints must be tcp://<host>:<port>, got ${JSON.stringify(wrong)}; for example 'tcp://buildkit-0.example.internal:1234'`);
  }
  const twice = endpoints.find((endpoint, index) => endpoints.indexOf(endpoint) !== index);
  if (twice !== undefined) {
    throw new Error(`${caller}: endpoints has ${twice} twice; name each daemon once`);
  }
}

function secretsOf(caller: string, options: RemoteBuilderOptions): { [name: string]: SecretField } {
  return Object.fromEntries((Object.keys(FIELDS) as (keyof typeof FIELDS)[]).map((part) => {
    const [option, byDefault] = FIELDS[part];
    const field = options[option] ?? byDefault;
    if (!isKnownAtSynthesis(field) || !/^[^:\s]+$/.test(field)) {
      throw new Error(`${caller}: ${option} must be a field of the secret, without colons and spaces, known at synthesis, got ${JSON.stringify(field)}; for example '${byDefault}'`);
    }
    return [REMOTE_VARIABLES[part], { secret: options.certificates, field }];
  }));
}
