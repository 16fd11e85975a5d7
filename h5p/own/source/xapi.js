/* Rambla question set, MIT. What is said to the outside: one `answered` for each
   question, in xAPI's own interaction types, so that every answer can be reported. */
(function () {
  'use strict';

  const Rambla = window.Rambla;
  const SUB_CONTENT = 'http://h5p.org/x-api/h5p-subContentId';
  const TYPES = {
    single: 'choice', multiple: 'choice', gaps: 'fill-in', order: 'sequencing', match: 'matching'
  };

  /* `[,]` and `[.]` separate answers in xAPI: a typed one must not contain them. */
  function typed(text) {
    return String(text || '').trim().replace(/\[([,.])\]/g, '[ $1 ]');
  }

  Rambla.responseText = function (leaf, response) {
    if (Array.isArray(response)) {
      return response.join('[,]');
    }
    if (leaf.gaps) {
      return leaf.gaps.map(function (gap) { return typed(response[gap.id]); }).join('[,]');
    }
    return leaf.stems
      .filter(function (stem) { return response[stem.id]; })
      .map(function (stem) { return stem.id + '[.]' + response[stem.id]; })
      .join('[,]');
  };

  function described(list, language) {
    return list.map(function (entry) {
      const description = {};
      description[language] = entry.text;
      return { id: entry.id, description: description };
    });
  }

  Rambla.definition = function (leaf, language) {
    const description = {};
    const definition = {
      type: 'http://adlnet.gov/expapi/activities/cmi.interaction',
      interactionType: TYPES[leaf.kind],
      name: {},
      description: description,
      extensions: {}
    };
    const prompt = Rambla.textOf(leaf.prompt);
    description[language] = prompt;
    definition.name[language] = prompt.slice(0, 120);
    if (leaf.options) {
      definition.choices = described(leaf.options, language);
    } else if (leaf.items) {
      /* Sorted by id: the order in the content is the answer. */
      definition.choices = described(leaf.items, language).sort(function (one, other) {
        return one.id < other.id ? -1 : 1;
      });
    } else if (leaf.stems) {
      definition.source = described(leaf.stems, language);
      definition.target = described(leaf.targets, language);
    } else {
      description[language] += ' ' + leaf.passage.map(function (part) {
        return part.gap ? '__________' : part.text;
      }).join('');
    }
    if (leaf.keyed) {
      const pattern = Rambla.responseText(leaf, Rambla.keyOf(leaf));
      definition.correctResponsesPattern = [
        leaf.gaps ? '{case_matters=false}' + pattern : pattern
      ];
    }
    return definition;
  };

  Rambla.resultOf = function (result, seconds) {
    const reported = { completion: true };
    if (result && result.score !== undefined) {
      reported.score = {
        min: 0,
        max: result.max,
        raw: result.score,
        scaled: result.max > 0 ? Math.round((result.score / result.max) * 10000) / 10000 : 0
      };
      reported.success = Boolean(result.correct);
    }
    if (seconds !== undefined) {
      reported.duration = 'PT' + Math.round(seconds * 100) / 100 + 'S';
    }
    return reported;
  };

  /* An `answered` event about one question, a child of the set. */
  Rambla.answered = function (instance, leaf, language, response, result, seconds) {
    const event = instance.createXAPIEventTemplate('answered');
    const statement = event.data.statement;
    const set = (statement.object && statement.object.id) || '';
    const definition = Rambla.definition(leaf, language);
    definition.extensions['http://h5p.org/x-api/h5p-local-content-id'] = instance.contentId;
    definition.extensions[SUB_CONTENT] = leaf.id;
    statement.object = {
      id: set + (set.indexOf('?') < 0 ? '?subContentId=' : '.') + encodeURIComponent(leaf.id),
      objectType: 'Activity',
      definition: definition
    };
    statement.context = statement.context || {};
    statement.context.contextActivities = statement.context.contextActivities || {};
    statement.context.contextActivities.parent = [{ id: set, objectType: 'Activity' }];
    statement.result = Rambla.resultOf(result, seconds);
    statement.result.response = Rambla.responseText(leaf, response);
    return event;
  };
})();
