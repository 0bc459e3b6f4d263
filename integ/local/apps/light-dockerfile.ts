import { ExampleApp } from './example-app';

/**
 * Gives the report a Dockerfile with the same stages and steps, but of the smallest base image, for tests about caches and not about sizes.
 *
 * @param place where the last stage has what the first one made; another place makes this copy run again, and need the first stage
 */
export function makeReportLight(app: ExampleApp, place = '/opt/packages/'): void {
  app.write('report/Dockerfile', [
    'FROM docker.io/library/busybox:stable AS builder',
    'WORKDIR /build',
    'COPY requirements.txt ./',
    'RUN mkdir packages && cp requirements.txt packages/',
    'FROM docker.io/library/busybox:stable',
    'WORKDIR /var/task',
    `COPY --link --from=builder /build/packages ${place}`,
    'COPY --link src /var/task/',
  ].join('\n'));
}
