/**
 * What BuildKit keeps in the configuration of a layer cache (`cache/remotecache/v1/types/spec.go`): what was built from what, and which layers
 * came of it. Its indices point into the lists of the same configuration.
 */
export interface CacheConfig {
  readonly layers: readonly CacheLayer[];
  readonly records: readonly CacheRecord[];
}

export interface CacheLayer {
  /** The digest of its blob. */
  readonly blob: string;
  /** The index of the layer below; -1 where there is none. */
  readonly parent: number;
}

/** A step, by what it does and what it does it to. */
export interface CacheRecord {
  readonly digest: string;
  /** For each input of the step, the records that it may come from: any of them will do. A record without inputs is a root. */
  readonly inputs: readonly (readonly CacheLink[])[];
  readonly results: readonly CacheResult[];
}

export interface CacheLink {
  /** The index of a record. */
  readonly record: number;
  /** The part of its files that is meant; empty for all of them. */
  readonly selector: string;
}

/** What a step made: a layer, and all that are below it. */
export interface CacheResult {
  readonly layer: number;
  readonly createdAt: string;
}
