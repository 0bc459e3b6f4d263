/** The numbers of users and groups, as an image knows them. */
export interface UserNames {
  /** The number of each user, and that of the user's group. */
  readonly users: { readonly [name: string]: readonly [uid: number, gid: number] };
  readonly groups: { readonly [name: string]: number };
}

export const PASSWD = '/etc/passwd';
export const GROUP = '/etc/group';

/** Reads what is in `/etc/passwd` and `/etc/group`. Nothing else of it is kept. */
export function userNames(passwd = '', group = ''): UserNames {
  const users: { [name: string]: [number, number] } = {};
  const groups: { [name: string]: number } = {};
  for (const [name, , uid, gid] of rows(passwd)) {
    if (isNumber(uid) && isNumber(gid)) users[name] = [Number(uid), Number(gid)];
  }
  for (const [name, , gid] of rows(group)) {
    if (isNumber(gid)) groups[name] = Number(gid);
  }
  return { users, groups };
}

/**
 * An owner as `--chown` takes it, in numbers: as it is where it names nobody, and undefined where a name is not known. A user without a group
 * has the group of `/etc/passwd`.
 */
export function ownerInNumbers(owner: string, { users, groups }: UserNames): string | undefined {
  const [user, group] = owner.split(':');
  if (isKnownToBuildkit(user) && (group === undefined || isKnownToBuildkit(group))) return owner;
  const uid = isKnownToBuildkit(user) ? user : Object.hasOwn(users, user) ? users[user][0] : undefined;
  const gid = group === undefined ? Object.hasOwn(users, user) ? users[user][1] : undefined
    : isKnownToBuildkit(group) ? group : Object.hasOwn(groups, group) ? groups[group] : undefined;
  return uid === undefined || gid === undefined ? undefined : `${uid}:${gid}`;
}

/** Whether an owner has a name that only the image knows. */
export function hasName(owner: string): boolean {
  return !owner.includes('$') && owner.split(':').some((part) => !isKnownToBuildkit(part));
}

/** `root` is 0 in every image. */
function isKnownToBuildkit(name: string): boolean {
  return name === 'root' || isNumber(name);
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

/** Of several rows with the same name, the first one counts. */
function rows(text: string): Iterable<string[]> {
  const found = new Map<string, string[]>();
  for (const row of text.split('\n').map((line) => line.trim().split(':'))) {
    if (row[0] !== '' && row[0] !== '__proto__' && !found.has(row[0])) found.set(row[0], row);
  }
  return found.values();
}
