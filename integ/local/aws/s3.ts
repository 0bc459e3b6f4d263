import { Agent, IncomingMessage, request as httpRequest, ServerResponse } from 'http';
import { pipeline } from 'stream';
import { AwsEndpoint, scopeOf } from './endpoint';
import { BucketOwner, needsOfMissing, needsOfS3 } from './s3-needs';
import { parseS3Request, S3Request } from './s3-request';
import { answerFault } from '../registry/broken-answer';
import { countBytes } from '../registry/count-bytes';
import { Faults } from '../registry/faults';
import { HttpsFront } from '../registry/https-front';

/** One request S3 got, as it went. */
export interface RecordedS3Request extends S3Request {
  readonly status: number;
  /** Bytes of the body the client sent. */
  readonly up: number;
  /** Bytes of the body the client got. */
  readonly down: number;
}

/**
 * S3 of the world, under the names that programs know it by: the emulation behind a front that counts what moves.
 */
export class S3 {
  /** What the policies of the buckets deny; nothing, as long as it is not set. */
  public denies?: (request: S3Request) => boolean;

  /** Things that go wrong; of the answer, all or nothing. */
  public readonly faults = new Faults();

  private readonly requests: RecordedS3Request[] = [];
  private readonly agent = new Agent({ keepAlive: true });

  public constructor(private readonly front: HttpsFront, private readonly aws: AwsEndpoint) {}

  public async createBucket(name: string, region: string): Promise<void> {
    await this.aws.client(region, 's3api', 'create-bucket', '--bucket', name, '--create-bucket-configuration', `LocationConstraint=${region}`);
    await this.serve(name, region);
  }

  /** Lets the bucket's name resolve, as every name does: whether there is such a bucket S3 tells. */
  public async serve(bucket: string, region: string): Promise<void> {
    const serve = (host: string, name?: string) => this.front.serve(host, (request, response) => {
      const copies = request.headers['x-amz-copy-source'] !== undefined;
      this.handle(host, parseS3Request(request.method!, name, request.url!, copies), request, response).catch(error => response.destroy(error));
    });
    await serve(`${bucket}.s3.${region}.amazonaws.com`, bucket);
    await serve(`s3.${region}.amazonaws.com`);
  }

  /** What lies in a bucket below a prefix, and a mark for what each object holds. */
  public async objects(bucket: string, region: string, prefix: string): Promise<{ [key: string]: string }> {
    const listed = await this.aws.client(region, 's3api', 'list-objects-v2', '--bucket', bucket, '--prefix', prefix);
    return Object.fromEntries((listed?.Contents ?? []).map(({ Key, ETag }: { Key: string; ETag: string }) => [Key, ETag]));
  }

  /** A moment to count from. */
  public snapshot(): number {
    return this.requests.length;
  }

  public since(snapshot: number): RecordedS3Request[] {
    return this.requests.slice(snapshot);
  }

  public stop(): void {
    this.agent.destroy();
  }

  private ownerOf(bucket: string, authorization: string | undefined): BucketOwner {
    return { account: this.aws.account, region: scopeOf(authorization).region, key: this.aws.keys.get(`arn:aws:s3:::${bucket}`) };
  }

  private async handle(host: string, about: S3Request, request: IncomingMessage, response: ServerResponse): Promise<void> {
    countBytes(request, response, (up, down) => this.requests.push({ ...about, status: response.headersSent ? response.statusCode : 0, up, down }));
    if (await answerFault(this.faults.of({ host, method: about.method, url: request.url! }), request, response)) return;
    const build = this.aws.callers.of(request.headers.authorization)?.permissions;
    const owner = this.ownerOf(about.bucket, request.headers.authorization);
    if (this.denies?.(about) || (build && !needsOfS3(about, owner).every(need => build.allows(need)))) {
      request.resume();
      return deny(about, response);
    }
    // the emulation finds the bucket in the path when the host has none
    const { search } = new URL(request.url!, 'https://s3');
    const path = `/${[about.bucket, ...about.key.split('/')].map(encodeURIComponent).join('/')}${search}`;
    const { host: _, ...headers } = request.headers;
    const inner = httpRequest({ host: '127.0.0.1', port: this.aws.emulationPort, agent: this.agent, method: about.method, path, headers }, answer => {
      if (answer.statusCode === 404 && build && !needsOfMissing(about, owner).every(need => build.allows(need))) {
        answer.resume();
        return deny(about, response);
      }
      response.writeHead(answer.statusCode!, answer.headers);
      pipeline(answer, response, () => { /* a broken side has ended the other one */ });
    });
    inner.on('error', error => response.destroy(error));
    response.on('close', () => inner.destroy());
    pipeline(request, inner, () => { /* as above */ });
  }
}

function deny({ method }: S3Request, response: ServerResponse): void {
  const body = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
  response.writeHead(403, { 'Content-Type': 'application/xml' }).end(method === 'HEAD' ? undefined : body);
}
