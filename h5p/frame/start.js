// Runs after H5PIntegration is written and before core. The document itself is the same for
// every load of it, so that a browser may keep it. What is of one load stands in the name of the
// window, which the page around gives and which is known here from the start:
//   'h5p-frame {"token": …, "state": …, "savedAt": …, "now": …, "kept": …}'
// token    what messages are signed with      state, savedAt, now   what the server has saved
// kept     state that the device has and the server has not: laid over the other; null forgets
(function () {
  'use strict';

  var MARK = 'h5p-frame ';
  var settings = window.H5PIntegration;
  if (window.name.indexOf(MARK) !== 0) {
    return;
  }
  var load = JSON.parse(window.name.slice(MARK.length));
  settings.bridge.token = load.token;
  settings.bridge.savedAt = load.savedAt;
  settings.bridge.now = load.now;
  Object.keys(settings.contents).forEach(function (key) {
    var activity = settings.contents[key];
    if (activity.rambla) {
      activity.rambla.nonce = load.token;
    }
    if (settings.bridge.saves) {
      lay(activity.contentUserData, load.state || {});
      lay(activity.contentUserData, load.kept || {});
    }
  });

  function lay(known, over) {
    Object.keys(over).forEach(function (part) {
      known[part] = Object.assign(known[part] || {}, over[part]);
      Object.keys(known[part]).forEach(function (kind) {
        if (known[part][kind] === null) {
          delete known[part][kind];
        }
      });
    });
  }
})();
