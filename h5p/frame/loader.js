// Puts styles and scripts into the document, in their order. A frame without an origin has no
// lasting cache in the browser: without this it would fetch all of them at every load. The page
// around it has one, is asked for their text, and hands it over by postMessage:
//   code    {urls}         from the frame: what it needs
//   code    {texts}        to the frame: address -> text, or null where the page cannot help
// Where no answer comes, the frame fetches them itself. Scripts stand in the document as text,
// one after the other without a pause: core starts the activity as soon as it is left alone.
(function () {
  'use strict';

  var settings = window.H5PIntegration.bridge;
  var styles = window.H5PIntegration.handed.styles;
  var scripts = window.H5PIntegration.handed.scripts;
  var urls = styles.concat(scripts);
  var nonce = document.currentScript.nonce;
  var begun = false;
  var fetching = false;

  function begin(texts) {
    var before = document.head.querySelector('style');
    if (begun) {
      return;
    }
    begun = true;
    window.removeEventListener('message', listen);
    styles.forEach(function (url) {
      var style = document.createElement('style');
      // Addresses in a stylesheet are meant from where it is.
      style.textContent = texts[url].replace(
        /url\(\s*(['"]?)(?![a-z][a-z0-9+.-]*:|[/#])([^'")]+?)\1\s*\)/gi,
        function (_all, _quote, path) {
          return 'url("' + new URL(path, url).href + '")';
        },
      );
      document.head.insertBefore(style, before);
    });
    scripts.forEach(function (url) {
      var script = document.createElement('script');
      script.nonce = nonce;
      script.textContent = texts[url] + '\n//# sourceURL=' + url;
      document.body.appendChild(script);
    });
  }

  function fetchAll() {
    if (begun || fetching) {
      return;
    }
    fetching = true;
    Promise.all(
      urls.map(function (url) {
        return fetch(url).then(function (response) {
          if (!response.ok) {
            throw new Error(url + ': ' + response.status);
          }
          return response.text();
        });
      }),
    ).then(
      function (found) {
        var texts = {};
        urls.forEach(function (url, index) {
          texts[url] = found[index];
        });
        begin(texts);
      },
      function () {
        fetching = false;
        window.setTimeout(fetchAll, 5000);
      },
    );
  }

  function ask() {
    window.parent.postMessage(
      { from: 'h5p-frame', token: settings.token, kind: 'code', urls: urls },
      settings.parentOrigin,
    );
  }

  function listen(event) {
    var message = event.data;
    if (
      event.source !== window.parent ||
      !message ||
      message.to !== 'h5p-frame' ||
      message.token !== settings.token
    ) {
      return;
    }
    if (message.kind === 'hello') {
      // It has just begun to listen.
      ask();
    } else if (message.kind === 'code') {
      var isWhole =
        message.texts &&
        urls.every(function (url) {
          return typeof message.texts[url] === 'string';
        });
      if (isWhole) {
        begin(message.texts);
      } else {
        fetchAll();
      }
    }
  }

  window.addEventListener('message', listen);
  ask();
  window.setTimeout(fetchAll, 4000);
})();
