// The page of `python -m h5p play`: shows what the frame says.
(function () {
  'use strict';

  var frame = document.querySelector('iframe');
  var log = document.querySelector('ol');

  window.addEventListener('message', function (event) {
    var message = event.data;
    if (
      event.source !== frame.contentWindow ||
      !message ||
      message.from !== 'h5p-frame' ||
      message.token !== frame.dataset.token
    ) {
      return;
    }
    if (message.kind === 'resize') {
      frame.style.height = message.height + 'px';
      return;
    }
    var line = document.createElement('li');
    line.dataset.kind = message.kind;
    line.textContent = message.kind === 'xapi' ? describe(message.statement) : message.kind;
    if (message.kind === 'xapi') {
      line.title = JSON.stringify(message.statement);
    } else if (message.kind === 'state') {
      line.title = String(message.data);
    }
    log.append(line);
  });

  function describe(statement) {
    var verb = statement.verb.id.split('/').pop();
    var score = statement.result && statement.result.score;
    return 'xAPI ' + verb + (score ? ' ' + score.raw + '/' + score.max : '');
  }
})();
