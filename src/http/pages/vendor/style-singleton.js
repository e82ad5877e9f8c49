// Takes the place of react-style-singleton, which writes <style> elements: those need 'unsafe-inline' in the
// Content-Security-Policy. A constructed style sheet does the same and needs nothing.
import { useEffect } from 'react';

export function styleSingleton() {
  let users = 0;
  let sheet = null;
  return function Sheet({ styles, dynamic }) {
    useEffect(() => {
      if (users++ === 0) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(styles);
        document.adoptedStyleSheets.push(sheet);
      }
      return () => {
        if (--users === 0) {
          document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
        }
      };
    }, [styles && dynamic]);
    return null;
  };
}
