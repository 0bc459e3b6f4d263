import { Construct } from 'constructs';
import { checkKnown } from './check-known';

/** Linux takes 128 KiB for one argument of a program, its name included, and says 'Argument list too long' for more. */
const MAX_BYTES = 100_000;

/** Raises an error for a build argument that is known only at deployment, or that the builder could not be given. */
export function checkBuildArguments(image: Construct, buildArgs: { readonly [name: string]: string }): void {
  const id = image.node.path;
  for (const [argument, value] of Object.entries(buildArgs)) {
    checkKnown(image, 'the name of a build argument', argument);
    if (!/^[^\s=]+$/.test(argument)) {
      throw new Error(`'${id}': buildArgs takes names without '=' and spaces, got ${JSON.stringify(argument)}`);
    }
    checkKnown(image, `buildArgs.${argument}`, value);
    if (Buffer.byteLength(value) > MAX_BYTES) {
      throw new Error(`'${id}': buildArgs.${argument} can have at most ${MAX_BYTES} bytes, because it is passed to the builder on the command line, got ${Buffer.byteLength(value)}; put the value into a file of the context and COPY it`);
    }
  }
}
