import { BuildkitWay, engineWillDo } from './buildkit';
import { ENGINE } from '../buildx-solver';

/** The running engine's own BuildKit, where its images are in containerd's store: with the classic one it exports no cache, and a push unpacks the whole image first. */
export const runningEngine: BuildkitWay = async (request) => {
  if (!engineWillDo(request)) return undefined;
  const info = await request.runningEngine();
  return info?.hasContainerdStore ? { name: ENGINE, description: `the Docker engine's own BuildKit, ${info.version}` } : undefined;
};
