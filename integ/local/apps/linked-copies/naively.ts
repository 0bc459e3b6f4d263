/** The Dockerfile with `--link` for every copy behind the last RUN of its last stage, whatever comes of it. */
export function naively(dockerfile: string): string {
  const lines = dockerfile.split('\n');
  const lastOf = (pattern: RegExp) => lines.reduce((last, line, index) => pattern.test(line) ? index : last, -1);
  const start = Math.max(lastOf(/^FROM /i), lastOf(/^RUN /i));
  return lines.map((line, index) => index > start ? line.replace(/^(COPY|ADD) (?!--link)/i, '$1 --link ') : line).join('\n');
}
