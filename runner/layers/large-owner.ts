import { ExtendedHeaders } from './layer-entries';

/** The library writes owners in six octal digits, and any larger one as the largest of these. */
const MOST = 0o777777;

/** The header of an archive's entry with an owner of any size: a large one is beside the plain header, too, where it counts more. */
export function withOwner(header: ExtendedHeaders): ExtendedHeaders {
  const { uid = 0, gid = 0, pax } = header;
  const owner = { ...uid > MOST && { uid: String(uid) }, ...gid > MOST && { gid: String(gid) } };
  return Object.keys(owner).length === 0 ? header : { ...header, pax: { ...owner, ...pax } };
}
