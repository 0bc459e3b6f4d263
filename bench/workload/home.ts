/** The account and the region of the play. */
export const home = { account: '111111111111', region: 'eu-west-1' };
