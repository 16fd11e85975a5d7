/* Rambla question set, MIT. Content as H5P hands it over, made regular: one list of
   “leaves”, each a question that is answered and reported by itself. A step of a
   scenario is a leaf whose id is `scenario.step`. */
(function () {
  'use strict';

  /* H5P looks for `window.Rambla.QuestionSet`; the parts are beside it. */
  const Rambla = (window.Rambla = window.Rambla || {});

  const decoder = document.createElement('textarea');

  /* H5P keeps plain text fields escaped (`&amp;`). The content of a textarea knows
     entities but no elements: nothing can come to life in it. */
  Rambla.plain = function (text) {
    decoder.innerHTML = text === undefined || text === null ? '' : String(text);
    return decoder.value;
  };

  Rambla.textOf = function (html) {
    const body = new DOMParser().parseFromString(String(html || ''), 'text/html').body;
    return body.textContent.replace(/\s+/g, ' ').trim();
  };

  function listed(list, prefix) {
    return (Array.isArray(list) ? list : []).map(function (entry, at) {
      return Object.assign({}, entry, { id: String(entry.id || prefix + (at + 1)) });
    });
  }

  function choices(options) {
    return listed(options, 'o').map(function (option) {
      return Object.assign(option, { text: Rambla.plain(option.text) });
    });
  }

  function points(value) {
    const number = Number(value);
    return number > 0 && isFinite(number) ? number : 1;
  }

  function leafOf(question, id, scenario) {
    const feedback = question.feedback || {};
    const leaf = {
      id: id,
      kind: question.kind,
      prompt: question.prompt || '',
      points: points(question.points),
      right: feedback.right || '',
      wrong: feedback.wrong || '',
      scenario: scenario || null
    };
    readers[question.kind](leaf, question);
    return leaf;
  }

  const readers = {
    single: function (leaf, question) {
      leaf.options = choices(question.options);
    },
    multiple: function (leaf, question) {
      leaf.options = choices(question.options);
    },
    gaps: function (leaf, question) {
      const gaps = {};
      listed(question.gaps, 'g').forEach(function (gap) {
        gaps[gap.id] = gap;
      });
      leaf.passage = [];
      leaf.gaps = [];
      /* Split with a group: text and ids of gaps take turns. */
      Rambla.plain(question.passage).split(/\[\[([\w-]+)\]\]/).forEach(function (part, at) {
        const gap = at % 2 ? gaps[part] : null;
        if (gap && leaf.gaps.indexOf(gap) < 0) {
          leaf.gaps.push(gap);
          leaf.passage.push({ gap: gap });
        } else {
          leaf.passage.push({ text: at % 2 ? '[[' + part + ']]' : part });
        }
      });
      leaf.gaps.forEach(function (gap) {
        gap.hint = Rambla.plain(gap.hint);
        gap.answers = gap.answers ? Rambla.plain(gap.answers).split('|') : null;
      });
    },
    order: function (leaf, question) {
      leaf.items = choices(question.items);
    },
    match: function (leaf, question) {
      if (Array.isArray(question.stems)) {
        leaf.stems = choices(question.stems);
        leaf.targets = choices(question.targets);
        return;
      }
      const pairs = listed(question.pairs, 'p');
      leaf.stems = pairs.map(function (pair) {
        return { id: pair.id, text: Rambla.plain(pair.left), target: String(pair.rightId || pair.id) };
      });
      leaf.targets = pairs
        .map(function (pair, at) {
          return { id: leaf.stems[at].target, text: Rambla.plain(pair.right) };
        })
        .concat(choices(listed(question.extras, 'x')))
        .filter(function (target, at, all) {
          return all.findIndex(function (one) { return one.id === target.id; }) === at;
        });
    }
  };

  /* Kinds that this version does not know are left out instead of breaking the rest. */
  Rambla.leaves = function (params) {
    const leaves = [];
    const served = params.marking === 'host';
    listed(params.questions, 'q').forEach(function (question) {
      if (question.kind === 'scenario') {
        const steps = listed(question.steps, 's');
        steps.forEach(function (step, at) {
          const scenario = { id: question.id, situation: question.prompt || '', step: at };
          const id = question.id + '.' + step.id;
          leaves.push(leafOf(Object.assign({}, step, { kind: 'single' }), id, scenario));
        });
      } else if (readers[question.kind]) {
        leaves.push(leafOf(question, question.id, null));
      }
    });
    leaves.forEach(function (leaf) {
      leaf.keyed = !served && hasKey(leaf);
    });
    return leaves;
  };

  function hasKey(leaf) {
    if (leaf.options) {
      return leaf.options.some(function (option) { return option.correct; });
    }
    if (leaf.gaps) {
      return leaf.gaps.every(function (gap) { return gap.answers; });
    }
    return leaf.items ? true : leaf.stems.every(function (stem) { return stem.target; });
  }

  /* A small generator, so that a resumed set shows its answers in the same places. */
  Rambla.shuffled = function (list, seed) {
    let state = 2166136261;
    for (let at = 0; at < seed.length; at += 1) {
      state = Math.imul(state ^ seed.charCodeAt(at), 16777619);
    }
    const copy = list.slice();
    for (let at = copy.length - 1; at > 0; at -= 1) {
      state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x6d2b79f5) | 0;
      const other = ((state ^ (state >>> 13)) >>> 0) % (at + 1);
      const kept = copy[at];
      copy[at] = copy[other];
      copy[other] = kept;
    }
    return copy;
  };
})();
