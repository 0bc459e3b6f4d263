import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { FileTree } from '../../../runner/layers/file-tree';
import { LayerEntry } from '../../../runner/layers/layer-entries';
import { Corrections, ListedCopy, proveLinks, Refusal } from '../../../runner/links/prove-links';
import { trailingCopies } from '../../../runner/links/trailing-copies';
import { dir, file, link } from '../testhelpers/layers';

type Listed = Partial<Omit<ListedCopy, 'copy'>>;

const APP = dir('/app', { mode: 0o750, uid: 1000, gid: 1000 });

function treeOf(...entries: readonly LayerEntry[]): FileTree {
  const tree = new FileTree();
  tree.apply(entries);
  return tree;
}

/** Copies of a Dockerfile behind its FROM, with what each one's layer has. The destination is the last word, unless said otherwise. */
function copies(lines: readonly string[], ...listed: readonly Listed[]): ListedCopy[] {
  const found = trailingCopies(Dockerfile.parse(['FROM a', ...lines].join('\n'))).copies;
  expect(found).toHaveLength(listed.length);
  return found.map((copy, index) => {
    const destination = copy.instruction.words.at(-1)!.replace(/(.)\/$/, '$1');
    const place = { historyIndex: index, layerIndex: index, destination, written: destination };
    return { copy, ...place, rewritten: {}, mayBeArchive: false, entries: [], ...listed[index] };
  });
}

function proof(below: FileTree, lines: readonly string[], ...listed: readonly Listed[]) {
  const result = proveLinks(copies(lines, ...listed), below);
  return 'refusal' in result ? result.refusal : result;
}

/** What a single copy takes. */
const prove = (below: readonly LayerEntry[], line: string, entries: readonly LayerEntry[], values: Listed = {}) => (
  proof(treeOf(...below), [line], { entries, ...values }));

const NOTHING = { passed: new Map(), modes: [new Map()] };

/** Of the refusal, the reason and where it is; a remedy as the destination that it gives. */
function refused(result: Corrections | Refusal): [string, string, ...object[]] {
  if (!('reason' in result)) throw new Error(`it was proven: ${[...result.passed.keys()].join()}`);
  const { reason, path, remedy } = result;
  return [reason, path, ...remedy ? [remedy.destination] : []];
}

const passedOf = (result: Corrections | Refusal) => {
  if ('reason' in result) throw new Error(result.reason);
  return Object.fromEntries(result.passed);
};

const modesOf = (result: Corrections | Refusal) => {
  if ('reason' in result) throw new Error(result.reason);
  return result.modes.map((modes) => Object.fromEntries(modes));
};

describe('linking makes what copying makes', () => {
  test('where nothing is there', () => {
    expect(prove([], 'COPY a /app/x', [dir('/app'), dir('/app/x'), file('/app/x/1'), link('/app/x/2', '1'), dir('/app/x/d', { uid: 5 })])).toEqual(NOTHING);
  });

  test('where directories meet directories of the same owner and mode', () => {
    expect(prove([dir('/app'), dir('/app/d', { mode: 0o700 })], 'COPY a /app', [dir('/app'), dir('/app/d', { mode: 0o700 }), file('/app/d/1')])).toEqual(NOTHING);
  });

  test('where files replace files', () => {
    expect(prove([dir('/app'), file('/app/1', { mode: 0o4755, uid: 5 })], 'COPY a /app', [dir('/app'), file('/app/1'), file('/app/2')])).toEqual(NOTHING);
  });

  test('where a link replaces a file, or is put beside one', () => {
    expect(prove([dir('/app'), file('/app/1')], 'COPY a /app', [dir('/app'), link('/app/1', 'x'), link('/app/2', 'x')])).toEqual(NOTHING);
  });

  test('where a file from the source replaces a link in the directory that it comes into', () => {
    expect(prove([dir('/app'), link('/app/1', '/etc/passwd'), link('/app/2', 'x')], 'COPY a /app/', [dir('/app'), file('/app/1'), link('/app/2', 'y')])).toEqual(NOTHING);
  });

  test('where a directory comes from the source, whatever the one there is', () => {
    expect(prove([dir('/app'), dir('/app/d', { mode: 0o2777, uid: 7 })], 'COPY a /app', [dir('/app'), dir('/app/d', { mode: 0o750 }), file('/app/d/1')])).toEqual(NOTHING);
  });

  test('where all comes into the root', () => {
    expect(prove([dir('/usr', { mode: 0o700, uid: 3 })], 'COPY rootfs /', [dir('/usr'), dir('/usr/bin'), file('/usr/bin/x')])).toEqual(NOTHING);
  });

  test('where nothing is copied at all', () => {
    expect(prove([APP], 'COPY a /app', [])).toEqual(NOTHING);
  });

  test('also with the copies before it', () => {
    const below = treeOf(dir('/app'));
    expect(proof(below, ['COPY a /app', 'COPY b /app/d'], { entries: [dir('/app'), dir('/app/d'), file('/app/d/1')] }, { entries: [dir('/app'), dir('/app/d'), file('/app/d/1')] }))
      .toEqual({ passed: new Map(), modes: [new Map(), new Map()] });
    expect(below.describe('/app/d/1')).toBe('other');
  });
});

describe('a directory that a copy only passes', () => {
  test.each<[string, string, readonly LayerEntry[]]>([
    ['is its destination', 'COPY a /app', [dir('/app'), file('/app/1')]],
    ['is above its destination', 'COPY a /app/1', [dir('/app'), file('/app/1')]],
    ['is far above its destination', 'COPY a /app/b/c', [dir('/app'), dir('/app/b'), dir('/app/b/c'), file('/app/b/c/1')]],
    ['gets the owner of the copy', 'COPY --chown=5:5 a /app', [dir('/app', { uid: 5, gid: 5 }), file('/app/1', { uid: 5, gid: 5 })]],
  ])('and %s keeps its owner and mode', (_, line, entries) => {
    expect(passedOf(prove([APP], line, entries))).toEqual({ '/app': { mode: 0o750, uid: 1000, gid: 1000 } });
  });

  test.each([{ mode: 0o1777 }, { mode: 0o2755 }, { uid: 1 }, { gid: 1 }])('keeps %j', (values) => {
    expect(passedOf(prove([dir('/tmp', values)], 'COPY a /tmp/1', [dir('/tmp'), file('/tmp/1')]))).toEqual({ '/tmp': { mode: 0o755, uid: 0, gid: 0, ...values } });
  });

  test('is each one that differs', () => {
    const below = [dir('/home', { mode: 0o711 }), dir('/home/app', { uid: 7 }), dir('/srv')];
    expect(passedOf(prove(below, 'COPY a /home/app/x', [dir('/home'), dir('/home/app'), file('/home/app/x')]))).toEqual({
      '/home': { mode: 0o711, uid: 0, gid: 0 }, '/home/app': { mode: 0o755, uid: 7, gid: 0 },
    });
  });

  test('is kept once for several copies', () => {
    const entries = [dir('/app'), file('/app/1')];
    expect(passedOf(proof(treeOf(APP), ['COPY a /app/', 'COPY b /app/'], { entries }, { entries }))).toEqual({ '/app': { mode: 0o750, uid: 1000, gid: 1000 } });
  });

  test('may come from the source of an earlier copy, which then is the one that counts', () => {
    expect(passedOf(proof(treeOf(), ['COPY a /', 'COPY b /d/'], { entries: [dir('/d', { mode: 0o700 })] }, { entries: [dir('/d'), file('/d/1')] })))
      .toEqual({ '/d': { mode: 0o700, uid: 0, gid: 0 } });
  });

  test('may come from the source of a later copy, which then is the one that counts', () => {
    const [first, later] = [{ entries: [dir('/d'), file('/d/1')] }, { entries: [dir('/d', { mode: 0o711, uid: 9 })] }];
    expect(passedOf(proof(treeOf(dir('/d', { uid: 5 })), ['COPY a /d/', 'COPY b /'], first, later))).toEqual({ '/d': { mode: 0o711, uid: 9, gid: 0 } });
  });

  test('is refused with attributes where it differs, since no layer could restore them', () => {
    expect(refused(prove([{ ...APP, hasAttributes: true }], 'COPY a /app', [dir('/app')]))).toEqual(['/app has extended attributes (COPY in line 2)', '/app']);
    expect(prove([dir('/app', { hasAttributes: true })], 'COPY a /app', [dir('/app')])).toEqual(NOTHING);
  });
});

describe('a new file gets something from the directory that it comes into', () => {
  test('where that has extended attributes', () => {
    const below = [dir('/app', { hasAttributes: true })];
    expect(refused(prove(below, 'COPY a /app/', [dir('/app'), file('/app/1')]))).toEqual(['/app has extended attributes in the layers below (COPY in line 2)', '/app']);
    expect(refused(prove(below, 'COPY a /app/b', [dir('/app'), dir('/app/b')]))).toEqual(['/app has extended attributes in the layers below (COPY in line 2)', '/app']);
  });

  test('where an earlier copy has passed it', () => {
    const result = proof(treeOf(dir('/app', { hasAttributes: true }), file('/app/1')), ['COPY a /app/', 'COPY b /app/'], { entries: [dir('/app'), file('/app/1')] }, { entries: [dir('/app'), file('/app/2')] });
    expect(refused(result)).toEqual(['/app has extended attributes in the layers below (COPY in line 3)', '/app']);
  });

  test('where that gives its group to directories', () => {
    const below = [dir('/srv', { mode: 0o2775, gid: 50 })];
    expect(refused(prove(below, 'COPY a /srv/b/c', [dir('/srv'), dir('/srv/b'), dir('/srv/b/c')]))).toEqual([
      '/srv gives its group to the directories that are made in it (COPY in line 2)', '/srv',
    ]);
    expect(passedOf(prove(below, 'COPY a /srv', [dir('/srv'), dir('/srv/b'), file('/srv/1')]))).toEqual({ '/srv': { mode: 0o2775, uid: 0, gid: 50 } });
    expect(passedOf(prove(below, 'COPY a /srv/b', [dir('/srv'), file('/srv/b')]))).toEqual({ '/srv': { mode: 0o2775, uid: 0, gid: 50 } });
    expect(passedOf(prove([...below, dir('/srv/b')], 'COPY a /srv/b/c', [dir('/srv'), dir('/srv/b'), dir('/srv/b/c')]))).toEqual({ '/srv': { mode: 0o2775, uid: 0, gid: 50 } });
  });

  test('but not from one of an earlier copy that has none', () => {
    expect(proof(treeOf(), ['COPY a /d', 'COPY b /d/e'], { entries: [dir('/d')] }, { entries: [dir('/d'), dir('/d/e')] })).toEqual({ passed: new Map(), modes: [new Map(), new Map()] });
  });
});

describe('linking makes something else, and is refused', () => {
  test.each<[string, readonly LayerEntry[], string, readonly LayerEntry[], [string, string]]>([
    ['a directory would replace a link', [dir('/app'), link('/app/d', '/data')], 'COPY a /app', [dir('/app'), dir('/app/d'), file('/app/d/1')],
      ['/app/d is a link to /data in the layers below (COPY in line 2)', '/app/d']],
    ['a directory would replace a file', [dir('/app'), file('/app/d')], 'ADD a /app', [dir('/app'), dir('/app/d')],
      ['/app/d is a file in the layers below (ADD in line 2)', '/app/d']],
    ['a directory above its destination would replace a file', [file('/app')], 'COPY a /app/d/', [dir('/app'), dir('/app/d'), file('/app/d/1')],
      ['/app is a file in the layers below (COPY in line 2)', '/app']],
    ['a file would replace a directory', [dir('/app'), dir('/app/d'), file('/app/d/1')], 'COPY a /app/', [dir('/app'), file('/app/d')],
      ['/app/d is a directory in the layers below (COPY in line 2)', '/app/d']],
    ['a link would replace a directory', [dir('/app'), dir('/app/d')], 'COPY a /app', [dir('/app'), link('/app/d', 'x')],
      ['/app/d is a directory in the layers below (COPY in line 2)', '/app/d']],
    ['a name is no text', [dir('/app')], 'COPY a /app', [dir('/app'), file('/app/\ufffd')], ['/app/\ufffd has a name that is no text (COPY in line 2)', '/app/\ufffd']],
    ['a name that is no text may be another one', [dir('/app/\ufffd', { uid: 5 })], 'COPY a /app/\ufffd', [dir('/app'), dir('/app/\ufffd')],
      ['/app/\ufffd has a name that is no text (COPY in line 2)', '/app/\ufffd']],
    ['an archive does not name the link on the way', [dir('/app'), link('/app/d', '/data')], 'COPY a /app', [file('/app/d/1')],
      ['/app/d is a link to /data in the layers below (COPY in line 2)', '/app']],
    ['an archive does not name the file on the way', [file('/d')], 'COPY a /', [file('/d/e/1')], ['/d is a file in the layers below (COPY in line 2)', '/']],
  ])('where %s', (_, below, line, entries, refusal) => {
    expect(refused(prove(below, line, entries))).toEqual(refusal);
  });

  test.each<[string, readonly LayerEntry[], string]>([
    ['a directory', [dir('/lib'), file('/lib/run.sh')], '/lib'],
    ['a file', [file('/lib')], '/lib'],
    ['a file below it', [file('/lib/run.sh')], '/lib'],
    ['a file where the link leads', [dir('/opt'), dir('/opt/lib'), file('/opt/lib/run.sh')], '/opt/lib'],
  ])('where %s comes to what the layers below have behind a link', (_, entries, place) => {
    const below = treeOf(dir('/opt'), dir('/opt/lib'), link('/lib', 'opt/lib'));
    below.apply([file('/lib/x')]);
    const refusal = proof(below, ['COPY a /'], { entries }) as Refusal;
    expect(refusal.reason).toBe(`what ${place} is in the layers below differs from builder to builder (COPY in line 2)`);
  });

  test('where a copy would replace what an earlier one has made', () => {
    expect(refused(proof(treeOf(), ['COPY a /d', 'COPY b /'], { entries: [dir('/d'), link('/d/x', '/y')] }, { entries: [dir('/d'), dir('/d/x')] })))
      .toEqual(['/d/x is a link to /y in the layers below (COPY in line 3)', '/d/x']);
  });
});

describe('a file over a directory', () => {
  const below = [dir('/var'), dir('/var/task')];

  test('gets a slash behind its destination', () => {
    expect(refused(prove(below, 'COPY a ${LAMBDA_TASK_ROOT}', [dir('/var'), file('/var/task')], { destination: '/var/task', written: undefined })))
      .toEqual(['/var/task is a directory in the layers below (COPY in line 2)', '/var/task', { isDirectory: true }]);
  });

  test('is proven with it', () => {
    expect(prove(below, 'COPY a /var/task', [dir('/var'), dir('/var/task'), file('/var/task/a')], { rewritten: { isDirectory: true } })).toEqual(NOTHING);
  });

  test('gets none twice', () => {
    expect(refused(prove([...below, dir('/var/task/a')], 'COPY a /var/task', [dir('/var'), dir('/var/task'), file('/var/task/a')], { rewritten: { isDirectory: true } })))
      .toEqual(['/var/task/a is a directory in the layers below (COPY in line 2)', '/var/task/a']);
  });

  test.each<[string, readonly LayerEntry[]]>([['nothing', []], ['a file', [file('/var/task')]], ['a link', [link('/var/task', '/tmp')]]])('loses it again where there is %s now', (_, others) => {
    expect(refused(prove([dir('/var'), ...others], 'COPY a /var/task', [dir('/var'), dir('/var/task'), file('/var/task/a')], { rewritten: { isDirectory: true } })))
      .toEqual(['the layers below are others than those that the destination was written for', '/var/task', {}]);
  });

  test('loses it again where nobody knows its place', () => {
    expect(refused(prove(below, 'COPY a $X', [], { rewritten: { isDirectory: true }, destination: undefined, written: undefined })))
      .toEqual(['the layers below are others than those that the destination was written for', '/', {}]);
  });
});

describe('a link in the way of a destination', () => {
  const below = [dir('/usr'), dir('/usr/bin'), link('/bin', 'usr/bin'), link('/new', '/nowhere'), link('/tool', '/usr/bin/tool'), file('/usr/bin/tool'), link('/circle', '/circle/x')];

  test.each<[string, string, readonly LayerEntry[], [string, string, object]]>([
    ['to a file in it', 'COPY a /bin/x', [dir('/bin'), file('/bin/x')], ['/bin is a link to usr/bin in the layers below', '/bin', { path: '/usr/bin/x', isDirectory: false }]],
    ['to itself', 'COPY a /bin/', [dir('/bin'), file('/bin/a')], ['/bin is a link to usr/bin in the layers below', '/bin', { path: '/usr/bin', isDirectory: true }]],
    ['to itself without a slash', 'COPY a /bin', [file('/bin')], ['/bin is a link to usr/bin in the layers below', '/bin', { path: '/usr/bin', isDirectory: true }]],
    ['to itself, a link to a file', 'COPY a /tool', [file('/tool')], ['/tool is a link to /usr/bin/tool in the layers below', '/tool', { path: '/usr/bin/tool', isDirectory: false }]],
    ['to a place that is not there', 'COPY a /new/x/', [dir('/new'), dir('/new/x'), file('/new/x/a')], ['/new is a link to /nowhere in the layers below', '/new', { path: '/nowhere/x', isDirectory: false }]],
  ])('%s makes the place that it leads to the destination', (_, line, entries, [reason, ...rest]) => {
    expect(refused(prove(below, line, entries))).toEqual([`${reason} (COPY in line 2)`, ...rest]);
  });

  test('is proven there', () => {
    expect(prove(below, 'COPY a /bin/x', [dir('/usr'), dir('/usr/bin'), file('/usr/bin/x')], { destination: '/usr/bin/x', rewritten: { path: '/usr/bin/x', isDirectory: false } })).toEqual(NOTHING);
  });

  test('leads to a directory that keeps its owner', () => {
    const entries = [dir('/data'), file('/data/1')];
    expect(passedOf(prove([link('/app', 'data'), dir('/data', { uid: 5 })], 'COPY a /app/', entries, { destination: '/data', rewritten: { path: '/data', isDirectory: true } })))
      .toEqual({ '/data': { mode: 0o755, uid: 5, gid: 0 } });
  });

  test('that leads nowhere has no remedy', () => {
    expect(refused(prove(below, 'COPY a /circle/', [dir('/circle'), file('/circle/a')]))).toEqual(['/circle is a link to /circle/x in the layers below (COPY in line 2)', '/circle']);
  });

  test('has no remedy where the destination is not known', () => {
    expect(refused(prove(below, 'COPY a $X', [dir('/bin')], { destination: undefined, written: undefined }))).toEqual(['/bin is a link to usr/bin in the layers below (COPY in line 2)', '/bin']);
  });

  test('has no remedy where the destination is a variable, which cannot be written in another way', () => {
    expect(refused(prove(below, 'COPY a $X', [dir('/bin'), file('/bin/x')], { destination: '/bin/x', written: undefined })))
      .toEqual(['/bin is a link to usr/bin in the layers below (COPY in line 2)', '/bin']);
  });

  test('that leads elsewhere now makes the destination what it was', () => {
    const changed = [dir('/usr'), dir('/usr/bin'), dir('/usr/sbin'), link('/bin', 'usr/sbin')];
    expect(refused(prove(changed, 'COPY a /bin/x', [dir('/usr'), dir('/usr/bin'), file('/usr/bin/x')], { destination: '/usr/bin/x', rewritten: { path: '/usr/bin/x', isDirectory: true } })))
      .toEqual(['the layers below are others than those that the destination was written for', '/usr/bin/x', { path: '/usr/bin/x' }]);
    expect(refused(prove(changed, 'COPY a /bin/x', [dir('/usr'), dir('/usr/bin'), file('/usr/bin/x')], { destination: '/usr/bin/x', rewritten: { path: '/usr/bin/x' } })))
      .toEqual(['the layers below are others than those that the destination was written for', '/bin/x', { isDirectory: undefined }]);
  });

  test('is no matter of a record that says it leads elsewhere', () => {
    expect(refused(prove([dir('/app')], 'COPY a /app', [dir('/etc'), file('/etc/a')], { destination: '/etc', rewritten: { path: '/etc' } })))
      .toEqual(['the layers below are others than those that the destination was written for', '/app', { isDirectory: undefined }]);
  });

  test('is refused where BuildKit has put the copy elsewhere than it was written', () => {
    expect(refused(prove([link('/app', '/a$B')], 'COPY a /app/x', [dir('/a'), file('/a/x')], { destination: '/a/x', rewritten: { path: '/a$B/x' } })))
      .toEqual(['BuildKit takes /a$B/x for another place', '/a$B/x']);
  });
});

describe('a mode that --chmod gives', () => {
  test('is given to all that comes from the source, but not to links and directories on the way', () => {
    const entries = [dir('/app'), file('/app/1', { uid: 5 }), file('/app/2', { mode: 0o755 }), link('/app/3', '1'), dir('/app/d'), dir('/app/e', { mode: 0o700 }), file('/app/e/1')];
    expect(modesOf(prove([dir('/app')], 'COPY --chmod=755 a /app', entries))).toEqual([{ '/app/1': 0o755, '/app/e': 0o755, '/app/e/1': 0o755 }]);
  });

  test('is that of each copy', () => {
    const listed = { entries: [dir('/app'), file('/app/1')] };
    expect(modesOf(proof(treeOf(dir('/app')), ['COPY --chmod=0600 a /app', 'COPY b /app', 'COPY --chmod=4755 c /app'], listed, listed, listed)))
      .toEqual([{ '/app/1': 0o600 }, {}, { '/app/1': 0o4755 }]);
  });

  test('is given to files whose mode is not known', () => {
    expect(modesOf(prove([dir('/app')], 'COPY --chmod=777 a /app', [dir('/app'), file('/app/1', { mode: -1 })]))).toEqual([{ '/app/1': 0o777 }]);
  });

  test('is no matter of the directory that it comes into', () => {
    const result = prove([APP], 'COPY --chmod=600 a /app/', [dir('/app'), file('/app/1')]);
    expect(passedOf(result)).toEqual({ '/app': { mode: 0o750, uid: 1000, gid: 1000 } });
    expect(modesOf(result)).toEqual([{ '/app/1': 0o600 }]);
  });

  test('is refused where directories are new, which depends on the version of BuildKit', () => {
    expect(refused(prove([], 'COPY --chmod=600 a /app/', [dir('/app'), file('/app/1')]))).toEqual(['whether /app gets the mode of --chmod differs from BuildKit to BuildKit (COPY in line 2)', '/app']);
  });

  test('makes a directory that is there one of that mode for later copies', () => {
    const [one, other] = [{ entries: [dir('/app'), dir('/app/d', { uid: 3 })] }, { entries: [dir('/app'), dir('/app/d'), file('/app/d/1')] }];
    const result = proof(treeOf(dir('/app')), ['COPY --chmod=700 a /app', 'COPY b /app/d/'], one, other);
    expect(passedOf(result)).toEqual({ '/app/d': { mode: 0o700, uid: 3, gid: 0 } });
    expect(modesOf(result)).toEqual([{ '/app/d': 0o700 }, {}]);
  });
});

describe('where it is not plain which directories come from the source', () => {
  const below = [dir('/app'), dir('/app/d', { uid: 7 }), link('/app/l', 'x')];

  describe.each<[string, string, Listed]>([
    ['an archive', 'ADD a.tar /app', { mayBeArchive: true }],
    ['--parents', 'COPY --parents a /app', {}],
    ['--exclude with an exception', 'COPY --exclude=!x a /app', {}],
  ])('as with %s', (_, line, values) => {
    const keyword = line.split(' ')[0];

    test('a directory of another owner is refused', () => {
      expect(refused(prove(below, line, [dir('/app'), dir('/app/d')], values))).toEqual([`the owner and the mode of /app/d depend on the layers below (${keyword} in line 2)`, '/app/d']);
    });

    test('a link that is replaced is refused', () => {
      expect(refused(prove(below, line, [dir('/app'), file('/app/l')], values))).toEqual([`/app/l is a link to x in the layers below (${keyword} in line 2)`, '/app/l']);
    });

    test('a directory of the same owner and mode, and files, are proven', () => {
      expect(prove(below, line, [dir('/app'), dir('/app/d', { uid: 7 }), file('/app/d/1'), file('/app/1')], values)).toEqual(NOTHING);
    });
  });

  test('the destination of an archive is one of them', () => {
    expect(refused(prove([APP], 'ADD a.tar /app', [dir('/app')], { mayBeArchive: true }))).toEqual(['the owner and the mode of /app depend on the layers below (ADD in line 2)', '/app']);
    expect(passedOf(prove([APP], 'ADD a.tar /app/d', [dir('/app'), dir('/app/d')], { mayBeArchive: true }))).toEqual({ '/app': { mode: 0o750, uid: 1000, gid: 1000 } });
  });

  test('without an exception, --exclude leaves it plain', () => {
    expect(prove(below, 'COPY --exclude=*.md a /app', [dir('/app'), dir('/app/d'), file('/app/l')])).toEqual(NOTHING);
  });
});

describe('where the destination is not known', () => {
  const unknown = { destination: undefined, written: undefined };

  test('directories of another owner or mode are refused', () => {
    expect(refused(prove([APP], 'COPY a $X', [dir('/app')], unknown))).toEqual(['the owner and the mode of /app depend on the layers below (COPY in line 2)', '/app']);
  });

  test('links are refused', () => {
    expect(refused(prove([dir('/app'), link('/app/l', 'x')], 'COPY a $X', [dir('/app'), file('/app/l')], unknown))[0]).toBe('/app/l is a link to x in the layers below (COPY in line 2)');
  });

  test('all else is proven', () => {
    expect(prove([dir('/app'), file('/app/1')], 'COPY a $X', [dir('/app'), file('/app/1'), dir('/app/new'), file('/app/new/2')], unknown)).toEqual(NOTHING);
  });
});

describe('a copy that the Dockerfile links', () => {
  test('has nothing to prove', () => {
    expect(prove([APP, link('/app/d', 'x'), dir('/app/f')], 'COPY --link a /app', [dir('/app'), dir('/app/d'), file('/app/f')])).toEqual(NOTHING);
  });

  test('is what later copies meet', () => {
    expect(refused(proof(treeOf(dir('/app')), ['COPY --link a /app', 'COPY b /app'], { entries: [dir('/app'), link('/app/d', 'x')] }, { entries: [dir('/app'), dir('/app/d')] })))
      .toEqual(['/app/d is a link to x in the layers below (COPY in line 3)', '/app/d']);
  });

  test('has the last word on a directory that an earlier copy has passed', () => {
    const entries = [dir('/app'), file('/app/1')];
    expect(passedOf(proof(treeOf(APP), ['COPY a /app/', 'COPY --link b /app/'], { entries }, { entries }))).toEqual({ '/app': { mode: 0o755, uid: 0, gid: 0 } });
  });

  test('may put something else in the place of a directory that an earlier copy has passed', () => {
    const first = { entries: [dir('/app'), file('/app/1')] };
    for (const entry of [file('/app'), link('/app', 'x')]) {
      expect(passedOf(proof(treeOf(APP), ['COPY a /app/', 'COPY --link b /app'], first, { entries: [entry] }))).toEqual({});
    }
  });

  test('is proven with --chmod, with which BuildKit does not link it', () => {
    expect(refused(prove([dir('/app'), dir('/app/f')], 'COPY --link --chmod=755 a /app', [dir('/app'), file('/app/f')]))[0]).toBe('/app/f is a directory in the layers below (COPY in line 2)');
  });
});

describe('a WORKDIR behind a copy', () => {
  const entries = [dir('/app'), dir('/app/d'), file('/app/1')];

  test.each(['/app', '/app/d', '/current', '/current/d', '/'])('has to be a directory then, as %s is', (path) => {
    expect(proof(treeOf(dir('/app'), link('/current', 'app')), ['COPY a /app', `WORKDIR ${path}`], { entries })).toEqual(NOTHING);
  });

  test.each(['/x', '/app/1', '/app/1/x', '/current', '/current/x'])('makes it otherwise, as %s', (path) => {
    expect(refused(proof(treeOf(link('/current', 'nowhere')), ['COPY a /app', 'USER x', `WORKDIR ${path}`], { entries })))
      .toEqual([`the WORKDIR in line 4 makes ${path}, which is not there yet`, path]);
  });

  test('does not have what only a later copy makes', () => {
    const listed = { entries: [dir('/x')] };
    expect(refused(proof(treeOf(), ['COPY a /app', 'WORKDIR /x', 'COPY b /x'], { entries }, listed))[0]).toBe('the WORKDIR in line 3 makes /x, which is not there yet');
    expect(proof(treeOf(), ['COPY b /x', 'WORKDIR /x', 'COPY a /app'], listed, { entries })).toHaveProperty('passed');
  });

  test('behind a copy that the Dockerfile links has to be there, too', () => {
    expect(refused(proof(treeOf(), ['COPY --link a /app', 'WORKDIR /x'], { entries }))[0]).toContain('which is not there yet');
  });
});

describe('an owner by name', () => {
  const users = { entries: [dir('/etc'), file('/etc/passwd')] };
  const other = { entries: [dir('/app'), file('/app/1')] };

  test.each(['node', 'node:node', '5:web', 'node:5'])('is refused behind a copy that may say who it is: %s', (owner) => {
    expect(refused(proof(treeOf(), ['COPY a /etc', `COPY --chown=${owner} b /app`], users, other))).toEqual(['the owner of the COPY in line 3 may be one that an earlier copy brings', '/etc/passwd']);
    expect(refused(proof(treeOf(), ['COPY --link a /etc', `COPY --chown=${owner} b /app`], { entries: [file('/etc/group')] }, other))[1]).toBe('/etc/passwd');
  });

  test.each(['5', '5:5', 'root', '$X'])('is needed for none such as %s', (owner) => {
    expect(proof(treeOf(), ['COPY a /etc', `COPY --chown=${owner} b /app`], users, other)).toHaveProperty('passed');
  });

  test('is proven before it', () => {
    expect(proof(treeOf(), ['COPY --chown=node b /app', 'COPY --chown=node a /etc'], other, users)).toHaveProperty('passed');
  });
});

test('5,000 copies and 100,000 files are proven at once', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `COPY a /app/${index}`);
  const listed = lines.map((_, index): Listed => ({ entries: [dir('/app'), dir(`/app/${index}`), ...Array.from({ length: 20 }, (__, item) => file(`/app/${index}/${item}`))] }));
  const all = copies(lines, ...listed);
  const below = treeOf(APP, ...Array.from({ length: 100_000 }, (_, index) => file(`/usr/${index}`)));
  const started = Date.now();
  expect(passedOf(proveLinks(all, below) as Corrections)).toEqual({ '/app': { mode: 0o750, uid: 1000, gid: 1000 } });
  expect(Date.now() - started).toBeLessThan(5000);
});

describe('a WORKDIR behind a copy that makes a new directory', () => {
  const behind = (below: readonly LayerEntry[], workdir: string, isRoot: boolean) => {
    const result = proveLinks(copies(['COPY a /a', `WORKDIR ${workdir}`], { entries: [file('/a')] }), treeOf(...below), isRoot);
    return 'refusal' in result ? result.refusal.reason : passedOf(result);
  };
  const made = { mode: 0o755, uid: 0, gid: 0 };

  test('makes it as root does it, and all that is above it', () => {
    expect(behind([], '/new/deep', true)).toEqual({ '/new': made, '/new/deep': made });
    expect(behind([dir('/srv', { uid: 5 })], '/srv/new', true)).toEqual({ '/srv/new': made });
    expect(behind([dir('/real'), link('/srv', 'real')], '/srv/new', true)).toEqual({ '/real/new': made });
  });

  test.each<[string, readonly LayerEntry[], string, boolean]>([
    ['another user makes it', [], '/new', false],
    ['it gets the group of the one above it', [dir('/srv', { mode: 0o2755 })], '/srv/new', true],
    ['the one above it has extended attributes', [dir('/srv', { hasAttributes: true })], '/srv/new', true],
    ['a file is in the way', [file('/srv')], '/srv/new', true],
    ['links lead in a circle', [link('/srv', 'srv')], '/srv', true],
  ])('is left to BuildKit where %s', (_, below, workdir, isRoot) => {
    expect(behind(below, workdir, isRoot)).toBe(`the WORKDIR in line 3 makes ${workdir}, which is not there yet`);
  });
});
