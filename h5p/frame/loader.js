// The first script of the document. Gets its styles and scripts and puts them in, in their
// order. A frame without an origin has no lasting cache in the browser: by itself it fetches all
// of them at every load. The page around it has a cache; where the name of the window (start.js)
// says "brings", it brings them:
//   code    {}                                       from the frame: it is there
//   code    {coming: [url], files: [{url, bytes: ArrayBuffer|null}]}
//                                                    to the frame: at once, and each as it comes;
//                                                    null where the page has failed
//   hello   {}                                       to the frame: the page has begun to listen
// What is brought is used if its SHA-256 is what the server has said. The frame fetches what is
// refused, what is not coming or not in time, and everything where nobody has promised anything.
// Where something is not there any more, it loads its document anew, once.
(function (load) {
  'use strict';

  var HEARD_WITHIN = 5000;
  var BROUGHT_WITHIN = 30000;
  var AGAIN = 5000;
  var files = load.files;
  var nonce = document.currentScript.nonce;
  var named = /^h5p-frame (\{[^]*\})$/.exec(window.name);
  var name = named ? JSON.parse(named[1]) : { token: load.token };
  // Hashes can be computed only where the connection is secure.
  var isPromised = name.brings === true && Boolean(window.crypto.subtle);
  var left = files.filter(isAway).length;

  function isAway(file) {
    return !('text' in file);
  }

  function waitFor(time) {
    files.filter(isAway).forEach(function (file) {
      if (!file.isFetched) {
        window.clearTimeout(file.waits);
        file.waits = window.setTimeout(fetchOwn, time, file);
      }
    });
  }

  function fetchOwn(file) {
    window.clearTimeout(file.waits);
    if (!isAway(file) || file.isFetched) {
      return;
    }
    file.isFetched = true;
    fetch(file.url, { priority: 'high' })
      .then(function (response) {
        if (response.status === 404 && named && !name.isAnew) {
          startAnew();
        }
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
          file.isFetched = false;
          file.waits = window.setTimeout(fetchOwn, AGAIN, file);
        },
      );
  }

  // The browser had kept this document, and the server has another by now.
  function startAnew() {
    name.isAnew = true;
    name.brings = false;
    window.name = 'h5p-frame ' + JSON.stringify(name);
    window.location.reload();
  }

  function take(file, text) {
    if (!isAway(file)) {
      return;
    }
    window.clearTimeout(file.waits);
    file.text = text;
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
        element.textContent = file.text;
        if (file.url) {
          element.textContent += '\n//# sourceURL=' + file.url;
          // Some scripts look up where they came from.
          Object.defineProperty(element, 'src', { value: file.url });
        }
        document.body.appendChild(element);
      }
      file.text = '';
    });
  }

  function check(file, bytes) {
    if (!(bytes instanceof ArrayBuffer)) {
      fetchOwn(file);
      return;
    }
    window.crypto.subtle.digest('SHA-256', bytes).then(function (digest) {
      var found = window.btoa(String.fromCharCode.apply(null, new Uint8Array(digest)));
      if (file.integrity === 'sha256-' + found) {
        take(file, new TextDecoder().decode(bytes));
      } else {
        fetchOwn(file);
      }
    });
  }

  function ask() {
    var message = { from: 'h5p-frame', token: name.token, kind: 'code' };
    window.parent.postMessage(message, load.parentOrigin);
  }

  if (!isPromised) {
    files.forEach(fetchOwn);
    return;
  }
  window.addEventListener('message', function (event) {
    var message = event.data;
    if (
      event.source !== window.parent ||
      !message ||
      message.to !== 'h5p-frame' ||
      message.token !== name.token
    ) {
      return;
    }
    if (message.kind === 'hello') {
      waitFor(BROUGHT_WITHIN);
      ask();
    } else if (message.kind === 'code' && Array.isArray(message.files)) {
      waitFor(BROUGHT_WITHIN);
      files.forEach(function (file) {
        if (Array.isArray(message.coming) && message.coming.indexOf(file.url) === -1) {
          fetchOwn(file);
        }
      });
      message.files.forEach(function (brought) {
        files.filter(isAway).forEach(function (file) {
          if (file.url === brought.url) {
            check(file, brought.bytes);
          }
        });
      });
    }
  });
  waitFor(HEARD_WITHIN);
  ask();
})
