import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isKnownAtSynthesis } from '../../values/known-at-synthesis';

/** Raises an error when a property of an image is known only at deployment. */
export function checkKnown(image: Construct, property: string, value: string): void {
  if (value.includes('\0')) {
    throw new Error(`'${image.node.path}': ${property} cannot hold a NUL, got ${JSON.stringify(value)}`);
  }
  if (!isKnownAtSynthesis(value)) {
    throw new Error(`'${image.node.path}': ${property} must be known at synthesis, because it is part of the image's tag, got ${Token.isUnresolved(value) ? 'a token' : value};`
      + ' give the function an environment variable instead, or read the value when the program starts');
  }
}
