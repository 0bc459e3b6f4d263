import { StringDecoder } from 'string_decoder';

/** No line of a program is longer than this many characters; what is longer comes in pieces. */
const MAX_LINE = 8 * 1024 * 1024;

/** Makes lines of the pieces in which the output of a program arrives, each piece looked at once. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private pieces: string[] = [];
  private length = 0;

  constructor(private readonly onLine: (line: string) => void) {}

  public push(chunk: Buffer): void {
    const lines = this.decoder.write(chunk).split('\n');
    for (const [index, piece] of lines.entries()) {
      if (index > 0) this.flush();
      this.pieces.push(piece);
      this.length += piece.length;
      if (this.length > MAX_LINE) this.flush();
    }
  }

  public end(): void {
    const rest = this.decoder.end();
    if (rest !== '') this.pieces.push(rest);
    if (this.length > 0 || rest !== '') this.flush();
  }

  private flush(): void {
    const line = this.pieces.join('');
    this.pieces = [];
    this.length = 0;
    this.onLine(line);
  }
}
