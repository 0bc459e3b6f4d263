import { execute } from '../../integ/local/world/execute';

/** What passed a link each way, as bytes on the wire: with TLS, HTTP and the confirmations of what was received. */
export interface LinkBytes {
  readonly up: number;
  readonly down: number;
}

const classes = { up: '1:1', down: '1:2' };

/**
 * The line between the build machine and everything it speaks to by HTTPS: the registries, and S3.
 *
 * Both ends are in one network namespace, on its loopback, so `tc` shapes what goes to port 443 and what comes from it,
 * each direction for itself. All else, such as the way from the proxy to the storage behind it, stays as fast as it is.
 */
export class Link {
  public static async shape(bitsPerSecond: number): Promise<Link> {
    const rate = ['rate', `${bitsPerSecond}bit`, 'burst', '256kb', 'cburst', '256kb', 'quantum', '65536'];
    const filter = (port: string, flow: string) => tc('filter', 'add', 'dev', 'lo', 'parent', '1:', 'protocol', 'ip', 'u32', 'match', 'ip', port, '443', '0xffff', 'flowid', flow);
    try {
      await tc('qdisc', 'add', 'dev', 'lo', 'root', 'handle', '1:', 'htb');
      await tc('class', 'add', 'dev', 'lo', 'parent', '1:', 'classid', classes.up, 'htb', ...rate);
      await tc('class', 'add', 'dev', 'lo', 'parent', '1:', 'classid', classes.down, 'htb', ...rate);
      await filter('dport', classes.up);
      await filter('sport', classes.down);
    } catch (error) {
      throw new Error(`The link cannot be shaped, which needs tc and a kernel with sch_htb and cls_u32: ${error}`);
    }
    return new Link();
  }

  private constructor() {}

  /** All bytes so far. */
  public async bytes(): Promise<LinkBytes> {
    const shown = await tc('-statistics', 'class', 'show', 'dev', 'lo'); // its JSON leaves the numbers out
    const of = (handle: string) => Number(new RegExp(`class htb ${handle} .*\\n\\s*Sent (\\d+) bytes`).exec(shown)![1]);
    return { up: of(classes.up), down: of(classes.down) };
  }

  /** Lets everything pass as before. */
  public async remove(): Promise<void> {
    await tc('qdisc', 'del', 'dev', 'lo', 'root');
  }
}

async function tc(...args: string[]): Promise<string> {
  return execute('tc', args, { env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
}
