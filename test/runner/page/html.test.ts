import * as fc from 'fast-check';
import { html } from '../../../runner/page/html';

test('text becomes text, whatever it is', () => {
  expect(html`<p title="${'"><script>'}">${'<b>&amp;\'`'}</p>`.text).toBe('<p title="&#34;&#62;&#60;script&#62;">&#60;b&#62;&#38;amp;&#39;&#96;</p>');
});

test('markup in markup stays, lists are joined, and nothing is left of undefined', () => {
  expect(html`<ul>${['a', 'b'].map((name) => html`<li>${name}</li>`)}${undefined}${3}</ul>`.text).toBe('<ul><li>a</li><li>b</li>3</ul>');
});

test.each([
  ['a control character', '\x1b[31m\0\x7f\x85'], ['a change of direction', '\u202e\u2066\u200f'], ['an invisible character', '\u200b\ufeff\u2060'], ['half a character', '\ud83d'],
])('%s is shown as what it is not', (_, text) => {
  expect(html`${text}`.text).not.toMatch(/[\0-\b\v-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud83d]/); // eslint-disable-line no-control-regex
  expect(html`${text}`.text).toContain('\ufffd');
});

test('characters of other languages and lines stay', () => {
  expect(html`${'Bücher 書籍 ספרים 📦\n\tnext'}`.text).toBe('Bücher 書籍 ספרים 📦\n\tnext');
});

test('no text can leave its place', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    expect(html`${text}`.text).not.toMatch(/[<>"'`=]|&(?!#\d+;)/);
  }));
});
