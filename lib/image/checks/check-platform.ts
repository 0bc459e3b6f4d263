import { Construct } from 'constructs';
import { checkKnown } from './check-known';

const PLATFORM = /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/i;

/** Raises an error for what is no platform, or several. */
export function checkPlatform(image: Construct, platform: string): void {
  checkKnown(image, 'platform', platform);
  if (platform.includes(',')) {
    throw new Error(`'${image.node.path}': an image is built for one platform, got '${platform}'; define one image for each`);
  }
  if (!PLATFORM.test(platform)) {
    throw new Error(`'${image.node.path}': platform must be <os>/<architecture> or <os>/<architecture>/<variant>, each of letters and digits, got ${JSON.stringify(platform)}; use Platform.LINUX_AMD64 or Platform.LINUX_ARM64`);
  }
}
