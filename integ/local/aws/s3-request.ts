/** What a request of the S3 API is about. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  /** Empty for what concerns the bucket as a whole. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** As S3's documentation calls it: `HeadObject`, `PutObject`. */
  readonly operation: string;
}

/** Reads it from the host (`<bucket>.s3.<region>.amazonaws.com`) and path, or, where the host names no bucket, from the path alone. */
export function parseS3Request(method: string, bucketOfHost: string | undefined, url: string, copies: boolean): S3Request {
  const { pathname, searchParams } = new URL(url, 'https://s3');
  const path = bucketOfHost === undefined ? pathname.slice(1) : `${bucketOfHost}${pathname}`;
  const [bucket, ...rest] = decodeURIComponent(path).split('/');
  const key = rest.join('/');
  return { method, bucket, key, query: searchParams, operation: operationOf(method, key, searchParams, copies) };
}

function operationOf(method: string, key: string, query: URLSearchParams, copies: boolean): string {
  if (key === '') return method === 'GET' ? 'ListObjects' : `${method} of a bucket`;
  if (query.has('uploadId') || query.has('uploads')) {
    const parts: { [method: string]: string } = {
      POST: query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload',
      PUT: copies ? 'UploadPartCopy' : 'UploadPart',
      DELETE: 'AbortMultipartUpload',
    };
    return parts[method] ?? 'ListParts';
  }
  if (method === 'PUT' && copies) return 'CopyObject';
  const objects: { [method: string]: string } = { GET: 'GetObject', HEAD: 'HeadObject', PUT: 'PutObject', DELETE: 'DeleteObject' };
  return objects[method] ?? method;
}
