/** The file of the cloud assembly that says which image assets it has. */
export const ASSETS_FILE = 'docker-assets.json';

/** The image assets of an app: what their publishing cannot know of them, since it is given their hashes only. */
export interface AssetList {
  readonly version: number;
  /** The address of the repository that keeps their layers, with placeholders. */
  readonly repository: string;
  /** By their hashes, in lower case. */
  readonly assets: { readonly [hash: string]: ListedAsset };
}

export interface ListedAsset {
  /** What the log calls the image: the path of its construct. */
  readonly name: string;
  /** A name for the layers of this image alone, which stays when its content changes. */
  readonly cacheName: string;
}
