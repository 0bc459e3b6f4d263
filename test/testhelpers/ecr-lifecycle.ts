import { Template } from 'aws-cdk-lib/assertions';

const DAY = 24 * 60 * 60 * 1000;

/** An image as the lifecycle rules of Amazon ECR see it. */
export interface StoredImage {
  readonly digest: string;
  readonly tags: readonly string[];
  /** When its manifest came first, in milliseconds. A tag that is set later does not change it. */
  readonly pushedAt: number;
}

/** A rule as it is in the text of a policy. */
export interface LifecycleRule {
  readonly rulePriority: number;
  readonly selection: {
    readonly tagStatus: 'tagged' | 'untagged' | 'any';
    readonly tagPatternList?: readonly string[];
    readonly tagPrefixList?: readonly string[];
    readonly countType: 'sinceImagePushed' | 'imageCountMoreThan';
    readonly countUnit?: 'days';
    readonly countNumber: number;
  };
}

/** The rules of the one repository of a template. */
export function lifecycleRules(template: Template, type = 'AWS::ECR::Repository'): LifecycleRule[] {
  const [{ Properties: { LifecyclePolicy: { LifecyclePolicyText: text } } }] = Object.values(template.findResources(type));
  return (JSON.parse(text) as { rules: LifecycleRule[] }).rules;
}

/**
 * The images that Amazon ECR removes. Each image belongs to the first rule that wants tags like its own, and no later rule can remove it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export function expiredImages(rules: readonly LifecycleRule[], images: readonly StoredImage[], now: number): StoredImage[] {
  const claimed = new Set<StoredImage>();
  const expired: StoredImage[] = [];
  for (const { selection } of [...rules].sort((one, other) => one.rulePriority - other.rulePriority)) {
    const selected = images.filter((image) => isSelected(selection, image)).sort((one, other) => other.pushedAt - one.pushedAt);
    // Images of earlier rules count, but stay.
    const tooMany = selection.countType === 'imageCountMoreThan'
      ? selected.slice(selection.countNumber) : selected.filter(({ pushedAt }) => now - pushedAt > selection.countNumber * DAY);
    expired.push(...tooMany.filter((image) => !claimed.has(image)));
    selected.forEach((image) => claimed.add(image));
  }
  return expired;
}

/** With several patterns, an image needs a tag for each. */
function isSelected({ tagStatus, tagPatternList, tagPrefixList = [] }: LifecycleRule['selection'], { tags }: StoredImage): boolean {
  if (tagStatus !== 'tagged') {
    return tagStatus === 'any' || tags.length === 0;
  }
  const patterns = tagPatternList ?? tagPrefixList.map((prefix) => `${prefix}*`);
  return patterns.every((pattern) => tags.some((tag) => matches(pattern, tag)));
}

function matches(pattern: string, tag: string): boolean {
  return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(tag);
}
