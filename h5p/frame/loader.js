// The first script of the document. Gets its styles and scripts and puts them in, in their
// order. A frame without an origin has no lasting cache in the browser: by itself it fetches all
// of them at every load. The page around it has a cache, and may hand over what is in it:
//   code    {files: [{url, integrity}]}   from the frame: what it needs
//   code    {files: [ArrayBuffer|null]}   to the frame: their bytes, or null
// `token` is that of the name of the window (start.js), where it has one.
// The frame does not wait for that: it fetches at once, takes whichever comes first, and leaves
// off fetching the rest. What is handed over is used if its SHA-256 is what the server has said.
(function (load) {
  'use strict';

  var files = load.files;
  var nonce = document.currentScript.nonce;
  var named = /^h5p-frame (\{.*\})$/.exec(window.name);
  var token = named ? JSON.parse(named[1]).token : load.token;
  var left = files.length;
  var AGAIN = 5000;

  files.forEach(function (file) {
    file.own = new AbortController();
    fetchOwn(file);
  });

  function fetchOwn(file) {
    if ('text' in file) {
      return;
    }
    fetch(file.url, { signal: file.own.signal, priority: 'high' })
      .then(function (response) {
        if (!response.ok) {
          throw new Error(file.url + ': ' + response.status);
        }
        return response.text();
      })
      .then(
        function (text) {
          take(file, text);
        },
        function () {
          window.setTimeout(fetchOwn, AGAIN, file);
        },
      );
  }

  function take(file, text) {
    if ('text' in file) {
      return;
    }
    file.text = text;
    file.own.abort();
    left -= 1;
    if (left === 0) {
      if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', begin);
      } else {
        begin();
      }
    }
  }

  // Scripts stand in the document as text, one after the other without a pause: core starts the
  // activity as soon as it is left alone.
  function begin() {
    var before = document.head.querySelector('style');
    files.forEach(function (file) {
      var element = document.createElement(file.style ? 'style' : 'script');
      if (file.style) {
        // Addresses in a stylesheet are meant from where it is.
        element.textContent = file.text.replace(
          /url\(\s*(['"]?)(?![a-z][a-z0-9+.-]*:|[/#])([^'")]+?)\1\s*\)/gi,
          function (_all, _quote, path) {
            return 'url("' + new URL(path, file.url).href + '")';
          },
        );
        document.head.insertBefore(element, before);
      } else {
        element.nonce = nonce;
        element.textContent = file.text + '\n//# sourceURL=' + file.url;
        // Some scripts look up where they came from.
        Object.defineProperty(element, 'src', { value: file.url });
        document.body.appendChild(element);
      }
      file.text = '';
    });
  }

  function check(file, bytes) {
    // Hashes can be computed only where the connection is secure.
    if (!(bytes instanceof ArrayBuffer) || !window.crypto.subtle) {
      return;
    }
    window.crypto.subtle.digest('SHA-256', bytes).then(function (digest) {
      var found = window.btoa(String.fromCharCode.apply(null, new Uint8Array(digest)));
      if (file.integrity === 'sha256-' + found) {
        take(file, new TextDecoder().decode(bytes));
      }
    });
  }

  function ask() {
    var asked = files.map(function (file) {
      return { url: file.url, integrity: file.integrity };
    });
    window.parent.postMessage(
      { from: 'h5p-frame', token: token, kind: 'code', files: asked },
      load.parentOrigin,
    );
  }

  window.addEventListener('message', function (event) {
    var message = event.data;
    if (
      event.source !== window.parent ||
      !message ||
      message.to !== 'h5p-frame' ||
      message.token !== token
    ) {
      return;
    }
    if (message.kind === 'hello') {
      // It has just begun to listen; for this load or for the next one.
      ask();
    } else if (message.kind === 'code' && Array.isArray(message.files)) {
      files.forEach(function (file, index) {
        check(file, message.files[index]);
      });
    }
  });
  ask();
})
