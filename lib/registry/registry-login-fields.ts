/** Where a secret has the user and the password of a registry. */
export interface RegistryLoginFields {
  /**
   * The field of the secret that holds the name of the user.
   *
   * @default 'username'
   */
  readonly usernameField?: string;

  /**
   * The field of the secret that holds the password, or the access token.
   *
   * @default 'password'
   */
  readonly passwordField?: string;
}
