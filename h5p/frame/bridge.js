// Runs after H5P core and before the libraries. Tells the page around the frame what happens in
// it, by postMessage, as {from: 'h5p-frame', token, kind, …}:
//   ready   {savedAt, now}                         the activity can be used; when the state it
//                                                  began with was saved, by the server's clock
//   resize  {height}                               in CSS pixels
//   xapi    {statement}                            as core made it: a claim, not a fact
//   state   {dataType, subContentId, data}         data is JSON text, or null to forget it
//   open    {url}                                  somebody wants to see what is on another host
//   faces   {}                                     it looks like the page: what is that set in?
// and listens to {to: 'h5p-frame', token, kind}:
//   save    send the state now, if it changed
//   resize  the frame has another size
//   hello   say again that it is ready, and its size: the page around has just begun to listen
//   faces   {faces: [{family, style, weight, unicodeRange, bytes: ArrayBuffer}]}: the family
//           "Page serif" or "Page sans"
//   theme   {theme}  "light", "dark" or "" for as the system has it: data-theme of <html>
// Needs no request of its own, so the frame needs no right to make any.
(function () {
  'use strict';

  var H5P = window.H5P;
  var settings = window.H5PIntegration.bridge;
  var sent = {};
  var waiting = 0;

  function send(kind, message) {
    message.from = 'h5p-frame';
    message.token = settings.token;
    message.kind = kind;
    window.parent.postMessage(message, settings.parentOrigin);
  }

  // --- State: the page around stores it; core is only told what it was at the start. ---

  function sendState(dataType, subContentId, data) {
    var key = JSON.stringify([dataType, String(subContentId || 0)]);
    if (sent[key] !== data) {
      sent[key] = data;
      send('state', { dataType: dataType, subContentId: String(subContentId || 0), data: data });
    }
  }

  H5P.setUserData = function (contentId, dataType, data, extras) {
    var text;
    try {
      text = JSON.stringify(data);
    } catch (circular) {
      if (extras && extras.errorCallback) {
        extras.errorCallback(circular);
      }
      return;
    }
    sendState(dataType, extras && extras.subContentId, text === undefined ? null : text);
  };

  H5P.deleteUserData = function (contentId, dataType, subContentId) {
    sendState(dataType, subContentId, null);
  };

  function saveNow() {
    window.clearTimeout(waiting);
    waiting = 0;
    H5P.instances.forEach(function (instance) {
      if (typeof instance.getCurrentState === 'function') {
        var state = instance.getCurrentState();
        if (state !== undefined) {
          H5P.setUserData(instance.contentId, 'state', state);
        }
      }
    });
  }

  function saveSoon() {
    if (settings.saves && !waiting) {
      waiting = window.setTimeout(saveNow, 500);
    }
  }

  // A tab that is closed may never be heard of again after it was hidden.
  document.addEventListener('visibilitychange', function () {
    if (settings.saves && document.visibilityState === 'hidden') {
      saveNow();
    }
  });

  // --- Results: in the statements; core's own scores would be the same claim twice. ---

  H5P.setFinished = function () {};

  H5P.externalDispatcher.on('xAPI', function (event) {
    send('xapi', { statement: JSON.parse(JSON.stringify(event.data.statement)) });
    saveSoon();
  });

  // --- What is on a host that may not be asked: a sentence and a link in its place. ---

  function isRefused(url) {
    return settings.refused.indexOf(String(url).replace(/^\/\//, 'https://')) !== -1;
  }

  function sentenceFor(url) {
    var card = document.createElement('p');
    var link = document.createElement('a');
    var words = settings.refusedWords;
    card.className = 'h5p-outside';
    card.textContent = words[0].replace('%s', new URL(url, 'https://h').hostname) + ' ';
    link.href = url;
    link.rel = 'noopener';
    link.textContent = words[1];
    link.addEventListener('click', function (event) {
      // A tab that this frame opens would be as fenced in as the frame.
      event.preventDefault();
      send('open', { url: link.href });
    });
    card.append(link);
    return card;
  }

  var newRunnable = H5P.newRunnable;

  H5P.newRunnable = function (library, contentId, attachTo) {
    var params = (library && library.params) || {};
    var name = String((library && library.library) || '').split(' ')[0];
    var sources = name === 'H5P.Video' || name === 'H5P.Audio' ? params.sources || params.files : null;
    var refused = (Array.isArray(sources) ? sources : []).filter(function (source) {
      return isRefused(source.path);
    });
    var url = refused.length && refused.length === sources.length ? refused[0].path : '';
    if (name === 'H5P.IFrameEmbed' && isRefused(params.source)) {
      url = params.source;
      params.source = 'about:blank';
    }
    if (url && sources) {
      // It would wait for ever for a player that does not come.
      sources.length = 0;
    }
    var instance = newRunnable.apply(this, arguments);
    if (url && instance) {
      var place = null;
      var attach = instance.attach;
      var put = function ($container) {
        place = place || sentenceFor(url);
        $container.append(place);
      };
      if (attachTo) {
        put(attachTo);
      }
      instance.attach = function ($container) {
        var result = attach.apply(this, arguments);
        put($container);
        return result;
      };
    }
    return instance;
  };

  // Pictures, sound and video that a library puts into the page by itself.
  document.addEventListener(
    'error',
    function (event) {
      var element = event.target;
      var url = element.getAttribute && element.getAttribute('src');
      if (url && isRefused(url)) {
        var shown = element.tagName === 'SOURCE' ? element.parentNode : element;
        var next = shown.nextElementSibling;
        if (shown.parentNode && !(next && next.className === 'h5p-outside')) {
          shown.after(sentenceFor(url));
          shown.style.display = 'none';
        }
      }
    },
    true,
  );

  // --- Fonts ---

  function askForFaces() {
    if (!document.documentElement.classList.contains('is-paper')) {
      send('faces', {});
    }
  }

  function putOn(face) {
    var font = new FontFace(face.family, face.bytes, {
      style: face.style,
      weight: face.weight,
      unicodeRange: face.unicodeRange,
    });
    font.load().then(
      function () {
        document.fonts.add(font);
      },
      function () {
        // The next family in the list serves as well.
      },
    );
  }

  askForFaces();

  // --- Size ---

  var sendHeight = null;

  function sendReady() {
    if (sendHeight) {
      send('ready', { savedAt: settings.savedAt, now: settings.now });
      sendHeight();
    }
  }

  H5P.externalDispatcher.on('initialized', function () {
    var content = document.querySelector('.h5p-content');
    // Core's styles make the page as high as the frame, which could then never shrink.
    document.documentElement.style.height = 'auto';
    document.body.style.height = 'auto';
    sendHeight = function () {
      send('resize', { height: Math.ceil(content.getBoundingClientRect().height) });
    };
    new ResizeObserver(sendHeight).observe(content);
    // Our own type says at once when there is something to save.
    H5P.instances.forEach(function (instance) {
      instance.on('changed', saveSoon);
    });
    sendReady();
  });

  window.addEventListener('message', function (event) {
    var message = event.data;
    if (
      event.source !== window.parent ||
      !message ||
      message.to !== 'h5p-frame' ||
      message.token !== settings.token
    ) {
      return;
    }
    if (message.kind === 'save') {
      saveNow();
    } else if (message.kind === 'hello') {
      askForFaces();
      sendReady();
    } else if (message.kind === 'faces' && Array.isArray(message.faces)) {
      message.faces.forEach(putOn);
    } else if (message.kind === 'theme') {
      if (message.theme) {
        document.documentElement.dataset.theme = String(message.theme);
      } else {
        delete document.documentElement.dataset.theme;
      }
    } else if (message.kind === 'resize') {
      H5P.instances.forEach(function (instance) {
        H5P.trigger(instance, 'resize');
      });
    }
  });
})();
