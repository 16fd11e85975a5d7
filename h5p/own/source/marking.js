/* Rambla question set, MIT. Responses, and marking by the answers in the content; the
   server marks by the same rules (h5p/questions/marking.py).

   A response is: ids of the chosen options (single, multiple), ids of the items in the
   order given (order), { gap id: text } (gaps), { stem id: target id } (match). */
(function () {
  'use strict';

  const Rambla = window.Rambla;

  function idsOf(list) {
    return list.map(function (entry) { return entry.id; });
  }

  /* What a stored response still means for this question; anything else is dropped. */
  Rambla.tidy = function (leaf, response) {
    if (leaf.options) {
      const known = idsOf(leaf.options);
      const chosen = (Array.isArray(response) ? response : []).filter(function (id, at, all) {
        return known.indexOf(id) >= 0 && all.indexOf(id) === at;
      });
      return leaf.kind === 'single' ? chosen.slice(0, 1) : chosen;
    }
    if (leaf.items) {
      const ids = Array.isArray(response) ? response : [];
      const whole = ids.length === leaf.items.length &&
        idsOf(leaf.items).every(function (id) { return ids.indexOf(id) >= 0; });
      return whole ? ids.slice() : [];
    }
    const given = response && typeof response === 'object' ? response : {};
    const clean = {};
    const targets = leaf.stems ? idsOf(leaf.targets) : null;
    (leaf.gaps || leaf.stems).forEach(function (part) {
      const value = given[part.id];
      if (typeof value === 'string' && (!targets || targets.indexOf(value) >= 0)) {
        clean[part.id] = value;
      }
    });
    return clean;
  };

  Rambla.isEmpty = function (leaf, response) {
    if (Array.isArray(response)) {
      return response.length === 0;
    }
    return !Object.keys(response).some(function (id) { return response[id].trim(); });
  };

  function fold(text) {
    return String(text || '')
      .normalize('NFKC')
      .replace(/[‘’ʼ]/g, "'")
      .replace(/\s+/g, ' ')
      .trim()
      .toLowerCase();
  }

  Rambla.keyOf = function (leaf) {
    if (leaf.options) {
      return idsOf(leaf.options.filter(function (option) { return option.correct; }));
    }
    if (leaf.items) {
      return idsOf(leaf.items);
    }
    const key = {};
    (leaf.gaps || leaf.stems).forEach(function (part) {
      key[part.id] = leaf.gaps ? part.answers[0].trim() : part.target;
    });
    return key;
  };

  function judge(leaf, response, key) {
    const parts = {};
    let got = 0;
    let of = 1;
    if (leaf.options) {
      response.forEach(function (id) {
        parts[id] = key.indexOf(id) >= 0;
        got += parts[id] ? 1 : -1;
      });
      of = leaf.kind === 'single' ? 1 : key.length;
    } else if (leaf.items) {
      response.forEach(function (id, at) {
        parts[id] = key[at] === id;
        got += parts[id] ? 1 : 0;
      });
      of = key.length;
    } else {
      of = (leaf.gaps || leaf.stems).length;
      (leaf.gaps || leaf.stems).forEach(function (part) {
        parts[part.id] = leaf.stems
          ? response[part.id] === part.target
          : part.answers.some(function (answer) {
            return fold(answer) === fold(response[part.id]);
          });
        got += parts[part.id] ? 1 : 0;
      });
    }
    return { parts: parts, share: Math.max(0, got) / of };
  }

  /* The same shape that a host answers with. */
  Rambla.mark = function (leaf, response) {
    const key = Rambla.keyOf(leaf);
    const judged = judge(leaf, response, key);
    const notes = {};
    (leaf.options || []).forEach(function (option) {
      if (option.feedback && response.indexOf(option.id) >= 0) {
        notes[option.id] = option.feedback;
      }
    });
    const correct = judged.share === 1;
    return {
      score: Math.round(leaf.points * judged.share * 100) / 100,
      max: leaf.points,
      correct: correct,
      parts: judged.parts,
      notes: notes,
      feedback: correct ? leaf.right : leaf.wrong,
      solution: key
    };
  };

  /* A host's answer, so far as it can be shown. Feedback is HTML that the host cleaned. */
  Rambla.resultFrom = function (leaf, answer) {
    if (!answer || typeof answer !== 'object' || !isFinite(Number(answer.score))) {
      throw new Error('Not a result');
    }
    const score = Math.min(leaf.points, Math.max(0, Number(answer.score)));
    return {
      score: score,
      max: leaf.points,
      correct: answer.correct === undefined ? score === leaf.points : Boolean(answer.correct),
      parts: answer.parts || {},
      notes: answer.notes || {},
      feedback: answer.feedback || '',
      solution: answer.solution || null
    };
  };

  /* Asks the host, where there is one (README.md, “Marked by the host”). */
  Rambla.host = function (contentId) {
    const contents = (window.H5PIntegration && window.H5PIntegration.contents) || {};
    const settings = (contents['cid-' + contentId] || {}).rambla;
    if (!settings || !settings.mark) {
      return null;
    }
    if (typeof settings.mark === 'function') {
      return function (request) {
        return new Promise(function (resolve) { resolve(settings.mark(request)); });
      };
    }
    return function (request) { return post(settings, request); };
  };

  let posted = 0;

  function post(settings, request) {
    posted += 1;
    const message = { type: 'rambla.mark', nonce: settings.nonce, id: posted, request: request };
    return new Promise(function (resolve, reject) {
      const timer = window.setTimeout(function () { end(reject, new Error('No answer')); }, 15000);
      function end(how, what) {
        window.clearTimeout(timer);
        window.removeEventListener('message', listen);
        how(what);
      }
      function listen(event) {
        const data = event.data || {};
        const ours = event.source === window.parent && data.type === 'rambla.marked' &&
          data.nonce === settings.nonce && data.id === message.id;
        if (ours) {
          end(data.result ? resolve : reject, data.result || new Error('Refused'));
        }
      }
      window.addEventListener('message', listen);
      window.parent.postMessage(message, settings.origin || '*');
    });
  }
})();
