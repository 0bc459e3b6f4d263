import { Transform, TransformCallback } from 'stream';

/** What a layer may cost at most. */
export interface LayerLimits {
  /** How many files and directories. */
  readonly entries: number;
  /** How long the headers of one of them are: in bytes. */
  readonly header: number;
  /** How large it is when it is unpacked: in bytes. */
  readonly size: number;
}

/** No image that works has more. */
export const LAYER_LIMITS: LayerLimits = { entries: 1_000_000, header: 16 * 1024 * 1024, size: 30_000_000_000 };

/**
 * Ends the reading of an archive that takes forever or all memory. Whoever makes a base image decides what is in its layers: a few megabytes can hold millions of names, one name
 * of gigabytes, or zeros for hours.
 */
export class LayerGuard extends Transform {
  private total = 0;
  private unheard = 0;
  private entries = 0;

  constructor(private readonly limits: LayerLimits) {
    super();
  }

  /** The archive has begun another entry. */
  public entry(): void {
    this.entries++;
    this.heard();
  }

  /** The archive has given some content. */
  public heard(): void {
    this.unheard = 0;
  }

  public override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.total += chunk.length;
    this.unheard += chunk.length;
    const excess = this.excess;
    if (excess) done(new Error(`a layer ${excess}`));
    else done(null, chunk);
  }

  private get excess(): string | undefined {
    const { entries, header, size } = this.limits;
    if (this.total > size) return `has more than ${size} bytes`;
    if (this.entries > entries) return `has more than ${entries} files`;
    return this.unheard > header ? `has more than ${header} bytes without a file` : undefined;
  }
}
