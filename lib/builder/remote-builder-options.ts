import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { MirrorOptions } from '../registry/mirror-options';

/** Options of `DockerBuilder.remote`. */
export interface RemoteBuilderOptions extends MirrorOptions {
  /**
   * The BuildKit daemons, such as `tcp://buildkit-0.example.internal:1234`, each by an address of its own. Each step has its own order of them, made from its
   * images, and builds with the first one that works, so that the layers are there already. Which one that is hardly changes when daemons are added or removed.
   *
   * An address that leads to one daemon now and to another one then, such as that of a load balancer for several daemons, makes the parts of
   * one build miss each other's layers.
   */
  readonly endpoints: string[];

  /**
   * A JSON object with the parts of mutual TLS, each in PEM format: `ca` is the authority that signed the certificates of the daemons, `cert` the
   * certificate of the builds, and `key` its private key, without a password. CodeBuild reads it when the build starts; it does not appear in the
   * template, the log or the image. A secret of another account or region has to be given by its complete ARN.
   *
   * It is required: a daemon without TLS accepts everyone who can reach it.
   */
  readonly certificates: secretsmanager.ISecret;

  /**
   * The field of the secret that holds the certificate of the authority that has signed those of the daemons.
   *
   * @default 'ca'
   */
  readonly caField?: string;

  /**
   * The field of the secret that holds the certificate that builds show the daemons.
   *
   * @default 'cert'
   */
  readonly certField?: string;

  /**
   * The field of the secret that holds the private key of that certificate.
   *
   * @default 'key'
   */
  readonly keyField?: string;

  /**
   * The name that the certificates of the daemons have, where it is not that of their addresses.
   *
   * @default - the host of each endpoint
   */
  readonly serverName?: string;
}
