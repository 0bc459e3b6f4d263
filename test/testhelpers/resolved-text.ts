/** A text of a template in which `${...}` stands for each value that only the deployment knows: `${AWS::Region}`, `${Images.Arn}`. */
export function resolvedText(value: any): string {
  if (typeof value === 'string') {
    return value;
  }
  const [[name, argument]] = Object.entries<any>(value);
  switch (name) {
    case 'Ref':
      return `\${${argument}}`;
    case 'Fn::GetAtt':
      return `\${${argument.join('.')}}`;
    case 'Fn::Join':
      return argument[1].map(resolvedText).join(argument[0]);
    case 'Fn::Select':
      // A part of an ARN, which is account or region in a stack that does not say them.
      return `\${${argument[0]} of ${resolvedText(argument[1]['Fn::Split'][1]).slice(2, -1)}}`;
    default:
      throw new Error(`there is no text for ${JSON.stringify(value)}`);
  }
}
