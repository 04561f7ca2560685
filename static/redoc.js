// Starts ReDoc with the system's fonts. No search: it would start a worker from a blob.
"use strict";

Redoc.init(
  new URL("../openapi.json", document.currentScript.src).href,
  {
    disableSearch: true,
    theme: {
      typography: {
        fontFamily: "sans-serif",
        headings: { fontFamily: "sans-serif" },
        code: { fontFamily: "monospace" },
      },
    },
  },
  document.getElementById("redoc"),
);
