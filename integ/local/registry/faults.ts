/** Which requests go wrong; what is left out matches everything. */
export interface FaultMatch {
  readonly host?: string;
  readonly method?: RegExp;
  /** Path and query. */
  readonly url?: RegExp;
  /** How many requests it hits before it is over. @default all */
  readonly times?: number;
  /** Told each time that it hits. */
  readonly onHit?: () => void;
}

/** What a fault looks at. */
export interface FaultyRequest {
  readonly host: string;
  readonly method: string;
  readonly url: string;
}

/** What happens to them. */
export type FaultEffect =
  | { readonly kind: 'refuse'; readonly status: number; readonly code?: string; readonly message?: string }
  /** Answers whatever it wants. */
  | { readonly kind: 'answer'; readonly status: number; readonly type: string; readonly body: string }
  /** Closes the connection without an answer. */
  | { readonly kind: 'drop' }
  /** Does as it is told, and closes the connection without an answer. */
  | { readonly kind: 'lose' }
  /** Closes the connection after so many bytes of the answer. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Says nothing more after so many bytes of the answer. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Gives as many other bytes. */
  | { readonly kind: 'garble' }
  /** Leads to another host, as Amazon ECR leads to Amazon S3. */
  | { readonly kind: 'lead'; readonly to: string }
  | { readonly kind: 'delay'; readonly ms: number };

interface Fault {
  readonly match: FaultMatch;
  readonly effect: FaultEffect;
  hits: number;
}

/** Things that go wrong, switched on and off while everything runs. */
export class Faults {
  private readonly faults = new Set<Fault>();

  /** @returns a function that ends the fault and tells how often it hit */
  public add(match: FaultMatch, effect: FaultEffect): () => number {
    const fault: Fault = { match, effect, hits: 0 };
    this.faults.add(fault);
    return () => {
      this.faults.delete(fault);
      return fault.hits;
    };
  }

  public clear(): void {
    this.faults.clear();
  }

  /** What happens to this request. */
  public of(request: FaultyRequest): FaultEffect[] {
    const effects: FaultEffect[] = [];
    for (const fault of this.faults) {
      const { host, method, url, times } = fault.match;
      if (fault.hits >= (times ?? Infinity)) continue;
      if (host !== undefined && host !== request.host) continue;
      if (method && !method.test(request.method)) continue;
      if (url && !url.test(request.url)) continue;
      fault.hits++;
      fault.match.onHit?.();
      effects.push(fault.effect);
    }
    return effects;
  }
}
