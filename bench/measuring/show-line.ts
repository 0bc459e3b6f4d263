/** What builds print, when `PLAY_VERBOSE` asks for it. */
export const showLine = process.env.PLAY_VERBOSE ? (line: string) => process.stderr.write(`${line}\n`) : undefined;
