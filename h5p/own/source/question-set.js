/* Rambla question set, MIT. One question at a time, then the result. */
window.Rambla.QuestionSet = (function () {
  'use strict';

  const Rambla = window.Rambla;
  const el = Rambla.el;
  const RTL = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/;
  const HELP = { single: 'helpSingle', multiple: 'helpMultiple', gaps: 'helpGaps',
    order: 'helpOrder', match: 'helpMatch' };
  let instances = 0;

  /* @param params content, @param contentId number, @param extras previousState, metadata */
  function QuestionSet(params, contentId, extras) {
    H5P.EventDispatcher.call(this);
    const self = this;
    const metadata = (extras && extras.metadata) || {};
    const behaviour = Object.assign({ retry: true, solutions: true, shuffle: true },
      params.behaviour);
    const words = params.l10n || {};
    const language = params.language || metadata.defaultLanguage || 'en';
    const leaves = Rambla.leaves(params);
    const uid = 'rq' + (instances += 1) + '-' + contentId;

    self.contentId = contentId;
    const root = el('section', {
      class: 'rambla-qs', lang: language, dir: RTL.test(language) ? 'rtl' : 'ltr',
      'aria-label': metadata.title ? Rambla.plain(metadata.title) : null
    });
    const stage = root.appendChild(el('div', { class: 'rq-stage' }));
    const live = root.appendChild(el('div', { class: 'rq-hidden', role: 'status' }));

    const state = restored(extras && extras.previousState);
    let busy = false;
    let failed = false;
    let missing = false;
    let shownAt = Date.now();

    function restored(kept) {
      const old = kept && typeof kept === 'object' && kept.answers ? kept : {};
      const fresh = {
        at: 0, answers: {}, results: {}, revealed: {}, finished: Boolean(old.finished),
        seed: String(old.seed || Math.random().toString(36).slice(2, 10))
      };
      leaves.forEach(function (leaf, index) {
        fresh.answers[leaf.id] = Rambla.tidy(leaf, (old.answers || {})[leaf.id]);
        const result = (old.results || {})[leaf.id];
        if (result && typeof result === 'object') {
          fresh.results[leaf.id] = result;
          fresh.revealed[leaf.id] = Boolean((old.revealed || {})[leaf.id] && result.solution);
        }
        if (old.at === index || old.at === 'result') {
          fresh.at = old.at;
        }
      });
      return fresh;
    }

    function t(name, values) {
      return Rambla.plain(words[name]).replace(/@(\w+)/g, function (whole, key) {
        const value = (values || {})[key];
        return value === undefined ? whole
          : typeof value === 'number' ? value.toLocaleString(language) : value;
      });
    }

    /* Said again even when the words are the same. */
    function announce(text) {
      live.textContent = '';
      window.setTimeout(function () { live.textContent = text; }, 60);
    }

    function touched() {
      self.trigger('changed');
    }

    function go(at) {
      state.at = at;
      failed = missing = false;
      shownAt = Date.now();
      draw('prompt');
      touched();
    }

    /* The order to begin with. A host has scattered the items; here it is done with a look
       at the key, so that nobody finds the work done. */
    function present(leaf) {
      const key = leaf.items.map(function (item) { return item.id; });
      if (!leaf.keyed) {
        return key;
      }
      const ids = Rambla.shuffled(key, state.seed + leaf.id);
      return ids.length > 2 && ids.join() === key.join() ? ids.slice(1).concat(ids[0]) : ids;
    }

    function isMarked(leaf) {
      return Boolean(state.results[leaf.id]);
    }

    function check(leaf) {
      if (busy || isMarked(leaf)) {
        return;
      }
      if (leaf.items && !state.answers[leaf.id].length) {
        /* The order shown is an answer too, for somebody who finds nothing to move. */
        state.answers[leaf.id] = present(leaf);
      }
      const response = state.answers[leaf.id];
      missing = Rambla.isEmpty(leaf, response);
      if (missing) {
        draw('check');
        announce(t('answerFirst'));
        return;
      }
      failed = false;
      const ask = Rambla.host(contentId);
      if (!ask) {
        settle(leaf, leaf.keyed ? Rambla.mark(leaf, response) : { saved: true });
        return;
      }
      busy = true;
      draw('check');
      announce(t('checking'));
      ask({ contentId: contentId, question: leaf.id, response: response })
        .then(function (answer) { return Rambla.resultFrom(leaf, answer); })
        .then(function (result) {
          busy = false;
          settle(leaf, result);
        }, function () {
          busy = false;
          failed = true;
          draw('check');
          announce(t('failed'));
        });
    }

    function settle(leaf, result) {
      state.results[leaf.id] = result;
      const seconds = (Date.now() - shownAt) / 1000;
      self.trigger(Rambla.answered(self, leaf, language, state.answers[leaf.id], result, seconds));
      if (leaves.length === 1) {
        complete();
      }
      draw('next');
      announce(spoken(leaf, result));
      touched();
    }

    function spoken(leaf, result) {
      const told = result.saved ? t('saved') : outcome(result) + '. ' + pointsOf(result) + '.';
      const notes = Object.keys(result.notes || {}).map(function (id) { return result.notes[id]; });
      return [told].concat(notes, result.feedback || '').map(Rambla.textOf).join(' ').trim();
    }

    function outcome(result) {
      return t(result.correct ? 'right' : result.score > 0 ? 'partly' : 'wrong');
    }

    function pointsOf(result) {
      return t('points', { score: result.score, max: result.max });
    }

    function complete() {
      state.finished = true;
      if (leaves.some(function (leaf) { return state.results[leaf.id].saved; })) {
        self.triggerXAPI('completed');
        return;
      }
      self.triggerXAPIScored(self.getScore(), self.getMaxScore(), 'completed', true, passed());
    }

    function passed() {
      const share = Number(behaviour.passPercentage) || 0;
      return self.getScore() * 100 >= self.getMaxScore() * share;
    }

    function retry(leaf) {
      delete state.results[leaf.id];
      delete state.revealed[leaf.id];
      state.finished = false;
      shownAt = Date.now();
      draw('prompt');
      touched();
    }

    function finish() {
      const open = leaves.filter(function (leaf) { return !isMarked(leaf); });
      if (!open.length && !state.finished) {
        complete();
      }
      go('result');
    }

    /* ---- drawing ---- */

    function draw(focus) {
      stage.textContent = '';
      if (state.at === 'result') {
        drawResult();
      } else if (leaves[state.at]) {
        drawQuestion(leaves[state.at]);
      }
      const wanted = { prompt: '.rq-focus', check: '.rq-check', next: '.rq-next' }[focus];
      const target = wanted && (stage.querySelector(wanted) || stage.querySelector('.rq-focus'));
      if (target) {
        target.focus({ preventScroll: focus === 'next' });
      }
      self.trigger('resize');
    }

    function rail() {
      const list = el('ol', { class: 'rq-rail' });
      leaves.forEach(function (leaf, at) {
        const result = state.results[leaf.id];
        const kind = !result ? 'open' : result.saved ? 'saved' : result.correct ? 'right'
          : result.score > 0 ? 'partly' : 'wrong';
        const name = t('question', { at: at + 1, of: leaves.length });
        list.appendChild(el('li', {}, el('button', {
          type: 'button',
          class: 'rq-stop rq-stop--' + kind,
          'aria-label': name + ': ' + t(kind),
          'aria-current': at === state.at ? 'step' : null,
          onclick: function () { go(at); }
        })));
      });
      return el('nav', { 'aria-label': t('progress') }, list);
    }

    function button(name, kind, act, extra) {
      return el('button', Object.assign({
        type: 'button', class: 'rq-button ' + kind, text: t(name), onclick: act
      }, extra));
    }

    function drawQuestion(leaf) {
      const at = state.at;
      const result = state.results[leaf.id];
      const id = uid + '-' + at;
      const view = {
        response: state.answers[leaf.id], result: result, revealed: state.revealed[leaf.id]
      };
      const context = {
        id: id,
        t: t,
        announce: announce,
        shuffle: function (list) {
          return behaviour.shuffle ? Rambla.shuffled(list, state.seed + leaf.id + list.length) : list;
        },
        present: present,
        change: function (response) {
          state.answers[leaf.id] = view.response = response;
          touched();
        },
        submit: function () { check(leaf); }
      };
      if (leaves.length > 1) {
        stage.appendChild(el('div', { class: 'rq-top' },
          el('p', { class: 'rq-count', text: t('question', { at: at + 1, of: leaves.length }) }),
          rail()));
      }
      if (at === 0 && params.introduction) {
        stage.appendChild(el('div', { class: 'rq-introduction', html: params.introduction }));
      }
      if (leaf.scenario) {
        stage.appendChild(story(leaf));
      }
      stage.appendChild(el('div', {
        class: 'rq-prompt rq-focus', id: id + '-prompt', tabindex: '-1', html: leaf.prompt
      }));
      stage.appendChild(el('p', { class: 'rq-help', id: id + '-help', text: t(HELP[leaf.kind]) }));
      stage.appendChild(Rambla.controls[leaf.kind](leaf, view, context));
      if (result) {
        stage.appendChild(told(result));
      } else if (failed || missing) {
        stage.appendChild(el('p', { class: 'rq-alert', text: t(failed ? 'failed' : 'answerFirst') }));
      }
      stage.appendChild(actions(leaf, result));
    }

    /* The situation, and what has followed so far from what was chosen. */
    function story(leaf) {
      const before = leaves.filter(function (other) {
        return other.scenario && other.scenario.id === leaf.scenario.id &&
          other.scenario.step < leaf.scenario.step && isMarked(other);
      });
      const box = el('div', { class: 'rq-story' },
        el('p', { class: 'rq-label', text: t('situation') }),
        el('div', { html: leaf.scenario.situation }));
      if (before.length) {
        const list = el('ol', { class: 'rq-sofar' });
        before.forEach(function (other) {
          const chosen = state.answers[other.id][0];
          const option = other.options.filter(function (one) { return one.id === chosen; })[0];
          const notes = state.results[other.id].notes || {};
          list.appendChild(el('li', {},
            el('p', { class: 'rq-sofar__choice', text: option ? option.text : '' }),
            notes[chosen] && el('div', { html: notes[chosen] })));
        });
        box.appendChild(el('p', { class: 'rq-label', text: t('soFar') }));
        box.appendChild(list);
      }
      return box;
    }

    function told(result) {
      if (result.saved) {
        return el('div', { class: 'rq-told' }, el('p', { class: 'rq-told__word', text: t('saved') }));
      }
      const kind = result.correct ? 'right' : 'wrong';
      return el('div', { class: 'rq-told rq-told--' + kind },
        el('p', { class: 'rq-told__word' }, Rambla.icon(result.correct ? 'right' : 'dash'),
          el('span', { text: outcome(result) }),
          el('span', { class: 'rq-told__points', text: pointsOf(result) })),
        result.feedback && el('div', { html: result.feedback }));
    }

    function actions(leaf, result) {
      const bar = el('div', { class: 'rq-actions' });
      const last = state.at === leaves.length - 1;
      if (!result) {
        bar.appendChild(button(busy ? 'checking' : 'check', 'rq-button--primary rq-check',
          function () { check(leaf); }, { 'aria-disabled': busy ? 'true' : null }));
      } else if (leaves.length > 1) {
        const ends = last || leaves.every(isMarked);
        bar.appendChild(button(ends ? 'finish' : 'next', 'rq-button--primary rq-next',
          ends ? finish : function () { go(state.at + 1); }));
      }
      if (result && behaviour.retry && !result.correct) {
        bar.appendChild(button('retry', 'rq-again', function () { retry(leaf); }));
      }
      if (result && behaviour.solutions && result.solution && !result.correct &&
          !state.revealed[leaf.id]) {
        bar.appendChild(button('solution', 'rq-solution', function () {
          state.revealed[leaf.id] = true;
          draw('next');
          announce(t('shown'));
          touched();
        }));
      }
      if (state.at > 0) {
        bar.appendChild(button('previous', 'rq-button--quiet rq-back',
          function () { go(state.at - 1); }));
      }
      if (!result && !last) {
        bar.appendChild(button('skip', 'rq-button--quiet', function () { go(state.at + 1); }));
      }
      return bar;
    }

    function drawResult() {
      const score = self.getScore();
      const saved = leaves.some(function (leaf) { return (state.results[leaf.id] || {}).saved; });
      const open = leaves.filter(function (leaf) { return !isMarked(leaf); });
      stage.appendChild(rail());
      stage.appendChild(el('h2', { class: 'rq-title rq-focus', tabindex: '-1', text: t('result') }));
      if (open.length) {
        stage.appendChild(el('p', { class: 'rq-alert', text: t('unfinished') }));
      } else if (saved) {
        stage.appendChild(el('p', { class: 'rq-lead', text: t('allSaved') }));
      } else {
        stage.appendChild(el('p', { class: 'rq-score',
          text: t('points', { score: score, max: self.getMaxScore() }) }));
        stage.appendChild(el('p', { class: 'rq-lead', text: t(passed() ? 'passed' : 'notPassed') }));
      }
      const list = el('ol', { class: 'rq-review' });
      leaves.forEach(function (leaf, at) {
        const result = state.results[leaf.id];
        const text = !result ? t('open') : result.saved ? t('saved')
          : outcome(result) + ' · ' + pointsOf(result);
        list.appendChild(el('li', {},
          el('button', { type: 'button', class: 'rq-review__link',
            text: Rambla.textOf(leaf.prompt) || t('question', { at: at + 1, of: leaves.length }),
            onclick: function () { go(at); } }),
          el('span', { class: 'rq-review__word', text: text })));
      });
      stage.appendChild(list);
      const bar = stage.appendChild(el('div', { class: 'rq-actions' }));
      if (open.length) {
        bar.appendChild(button('continue', 'rq-button--primary rq-next',
          function () { go(leaves.indexOf(open[0])); }));
      }
      if (behaviour.retry) {
        bar.appendChild(button('restart', 'rq-restart', function () {
          self.resetTask();
          draw('prompt');
          announce(t('question', { at: 1, of: leaves.length }));
        }));
      }
    }

    /* ---- what H5P asks of a question ---- */

    self.attach = function ($container) {
      const container = $container.get ? $container.get(0) : $container;
      container.classList.add('h5p-rambla-question-set');
      container.appendChild(root);
      self.setActivityStarted();
      draw();
    };

    self.getTitle = function () {
      return metadata.title || '';
    };

    self.getAnswerGiven = function () {
      return leaves.some(function (leaf) {
        return isMarked(leaf) || !Rambla.isEmpty(leaf, state.answers[leaf.id]);
      });
    };

    self.getScore = function () {
      const sum = leaves.reduce(function (total, leaf) {
        return total + ((state.results[leaf.id] || {}).score || 0);
      }, 0);
      return Math.round(sum * 100) / 100;
    };

    self.getMaxScore = function () {
      const sum = leaves.reduce(function (total, leaf) { return total + leaf.points; }, 0);
      return Math.round(sum * 100) / 100;
    };

    self.showSolutions = function () {
      leaves.forEach(function (leaf) {
        if (!isMarked(leaf) && leaf.keyed) {
          state.results[leaf.id] = Rambla.mark(leaf, state.answers[leaf.id]);
        }
        state.revealed[leaf.id] = Boolean((state.results[leaf.id] || {}).solution);
      });
      draw();
    };

    self.resetTask = function () {
      Object.assign(state, restored(null));
      busy = failed = missing = false;
      shownAt = Date.now();
      draw();
      touched();
    };

    self.getXAPIData = function () {
      const event = self.createXAPIEventTemplate('answered');
      const definition = event.data.statement.object.definition;
      definition.type = 'http://adlnet.gov/expapi/activities/cmi.interaction';
      definition.interactionType = 'compound';
      event.setScoredResult(self.getScore(), self.getMaxScore(), self, true, passed());
      return {
        statement: event.data.statement,
        children: leaves.map(function (leaf) {
          const result = state.results[leaf.id];
          return { statement: Rambla.answered(
            self, leaf, language, state.answers[leaf.id], result).data.statement };
        })
      };
    };

    self.getCurrentState = function () {
      return {
        version: 1, at: state.at, seed: state.seed, answers: state.answers,
        results: state.results, revealed: state.revealed, finished: state.finished
      };
    };
  }

  return QuestionSet;
})();
