/* Rambla question set, MIT. The control of each kind of question, drawn from a view:

   { response, result, revealed, busy } and a context { id, t, change, announce, seed }.

   Nothing needs dragging: order has buttons, match has lists. A result locks the control. */
(function () {
  'use strict';

  const Rambla = window.Rambla;
  const PATHS = {
    right: 'M4 10.5 8 14.5 16 5.5',
    wrong: 'M5 5 15 15M15 5 5 15',
    missed: 'M4 10.5 8 14.5 16 5.5',
    dash: 'M4 10h12',
    up: 'M5 12.5 10 7.5 15 12.5',
    down: 'M5 7.5 10 12.5 15 7.5',
    grip: 'M6 7h8M6 13h8'
  };

  /* `el('p', { class: 'x', text: 'y' }, child, …)`. `html` is for what was sanitised. */
  const el = (Rambla.el = function (tag, attributes) {
    const element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) {
      const value = attributes[name];
      if (name === 'text') {
        element.textContent = value;
      } else if (name === 'html') {
        element.innerHTML = value;
      } else if (name.slice(0, 2) === 'on') {
        element.addEventListener(name.slice(2), value);
      } else if (value !== false && value !== undefined && value !== null) {
        element.setAttribute(name, value === true ? '' : value);
      }
    });
    for (let at = 2; at < arguments.length; at += 1) {
      if (arguments[at]) {
        element.appendChild(arguments[at]);
      }
    }
    return element;
  });

  Rambla.icon = function (name) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    svg.setAttribute('viewBox', '0 0 20 20');
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('class', 'rq-icon');
    path.setAttribute('d', PATHS[name]);
    svg.appendChild(path);
    return svg;
  };

  /* Colour never speaks alone: a sign and a word. */
  function verdict(name, t) {
    return el('span', { class: 'rq-verdict rq-verdict--' + name },
      Rambla.icon(name), el('span', { text: t(name) }));
  }

  function verdictOf(view, id) {
    const known = view.result && view.result.parts ? view.result.parts[id] : undefined;
    return known === undefined ? null : known ? 'right' : 'wrong';
  }

  function note(html) {
    return html ? el('div', { class: 'rq-note', html: html }) : null;
  }

  function choice(leaf, view, context) {
    const single = leaf.kind === 'single';
    const solution = view.revealed && view.result.solution;
    const list = el('div', {
      class: 'rq-options',
      role: single ? 'radiogroup' : 'group',
      'aria-labelledby': context.id + '-prompt',
      'aria-describedby': context.id + '-help'
    });
    context.shuffle(leaf.options).forEach(function (option, at) {
      const chosen = view.response.indexOf(option.id) >= 0;
      let mark = verdictOf(view, option.id);
      if (!mark && solution && solution.indexOf(option.id) >= 0) {
        mark = 'missed';
      }
      const input = el('input', {
        type: single ? 'radio' : 'checkbox',
        name: context.id,
        id: context.id + '-' + at,
        disabled: Boolean(view.result),
        onchange: function () {
          const others = single ? [] : view.response.filter(function (id) {
            return id !== option.id;
          });
          context.change(input.checked ? others.concat(option.id) : others);
        }
      });
      input.checked = chosen;
      list.appendChild(el('div', { class: 'rq-option' + (mark ? ' rq-option--' + mark : '') },
        el('label', { class: 'rq-option__row' },
          input, el('span', { class: 'rq-option__text', text: option.text }),
          mark && verdict(mark, context.t)),
        view.result && note(view.result.notes && view.result.notes[option.id])));
    });
    return list;
  }

  function gaps(leaf, view, context) {
    const solution = view.revealed && view.result.solution;
    const box = el('div', {
      class: 'rq-passage', role: 'group', 'aria-labelledby': context.id + '-prompt'
    });
    let line = box.appendChild(el('p'));
    leaf.passage.forEach(function (part) {
      if (part.gap) {
        line.appendChild(gap(part.gap));
        return;
      }
      part.text.split(/\n\s*\n/).forEach(function (text, at) {
        if (at) {
          line = box.appendChild(el('p'));
        }
        line.appendChild(document.createTextNode(text));
      });
    });

    function gap(entry) {
      const at = leaf.gaps.indexOf(entry);
      const mark = verdictOf(view, entry.id);
      const name = context.t('gap', { at: at + 1, of: leaf.gaps.length });
      const input = el('input', {
        type: 'text',
        class: 'rq-gap__field',
        'aria-label': entry.hint ? name + '. ' + entry.hint : name,
        autocomplete: 'off',
        autocapitalize: 'none',
        spellcheck: 'false',
        maxlength: 500,
        readonly: Boolean(view.result),
        oninput: function () {
          const response = Object.assign({}, view.response);
          response[entry.id] = input.value;
          view.response = response;
          size();
          context.change(response);
        },
        onkeydown: function (event) {
          if (event.key === 'Enter' && !event.isComposing && !view.result) {
            const fields = box.querySelectorAll('input');
            event.preventDefault();
            if (fields[at + 1]) {
              fields[at + 1].focus();
            } else {
              context.submit();
            }
          }
        }
      });
      input.value = view.response[entry.id] || '';
      size();
      function size() {
        input.style.width = Math.min(30, Math.max(9, input.value.length + 2)) + 'ch';
      }
      const answer = solution && mark === 'wrong' ? solution[entry.id] : null;
      return el('span', { class: 'rq-gap' + (mark ? ' rq-gap--' + mark : '') },
        input,
        entry.hint && el('span', { class: 'rq-gap__hint', 'aria-hidden': 'true', text: entry.hint }),
        mark && verdict(mark, context.t),
        answer && el('strong', { class: 'rq-gap__answer', text: answer }));
    }
    return box;
  }

  function named(list) {
    const names = {};
    list.forEach(function (entry) { names[entry.id] = entry.text; });
    return names;
  }

  function order(leaf, view, context) {
    const names = named(leaf.items);
    const box = el('div', { role: 'group', 'aria-labelledby': context.id + '-prompt' });
    const list = box.appendChild(el('ol', { class: 'rq-items' }));
    const ids = view.response.length ? view.response.slice() : context.present(leaf);
    const rows = {};
    leaf.items.forEach(function (item) { rows[item.id] = row(item.id); });
    place();

    function row(id) {
      const mark = verdictOf(view, id);
      const element = el('li', { class: 'rq-item' + (mark ? ' rq-item--' + mark : '') });
      const place = el('span', { class: 'rq-item__place', 'aria-hidden': 'true' });
      element.appendChild(place);
      element.appendChild(el('span', { class: 'rq-item__text', text: names[id] }));
      if (view.result) {
        if (mark) {
          element.appendChild(verdict(mark, context.t));
        }
      } else {
        element.appendChild(mover(id, -1));
        element.appendChild(mover(id, 1));
        place.appendChild(Rambla.icon('grip'));
        drag(place, id);
      }
      return element;
    }

    function mover(id, by) {
      const name = by < 0 ? 'up' : 'down';
      return el('button', {
        type: 'button',
        class: 'rq-move rq-move--' + name,
        'aria-label': context.t(name, { item: names[id] }),
        onclick: function (event) {
          const from = ids.indexOf(id);
          const to = Math.min(ids.length - 1, Math.max(0, from + by));
          ids.splice(to, 0, ids.splice(from, 1)[0]);
          place();
          event.currentTarget.focus();
          told(id);
        }
      }, Rambla.icon(name));
    }

    function told(id) {
      context.change(ids.slice());
      context.announce(context.t('moved', {
        item: names[id], at: ids.indexOf(id) + 1, of: ids.length
      }));
    }

    function place() {
      ids.forEach(function (id, at) {
        const moves = rows[id].querySelectorAll('.rq-move');
        if (list.children[at] !== rows[id]) {
          list.insertBefore(rows[id], list.children[at] || null);
        }
        if (moves.length) {
          /* Not `disabled`: the focus would fall out of the list. */
          moves[0].setAttribute('aria-disabled', String(at === 0));
          moves[1].setAttribute('aria-disabled', String(at === ids.length - 1));
        }
      });
    }

    /* For those who like to drag; the buttons do all of it. */
    function drag(handle, id) {
      handle.addEventListener('pointerdown', function (event) {
        event.preventDefault();
        handle.setPointerCapture(event.pointerId);
        rows[id].classList.add('rq-item--held');
      });
      handle.addEventListener('pointermove', function (event) {
        if (!rows[id].classList.contains('rq-item--held')) {
          return;
        }
        const from = ids.indexOf(id);
        const over = ids.findIndex(function (other) {
          const box = rows[other].getBoundingClientRect();
          return event.clientY >= box.top && event.clientY <= box.bottom;
        });
        if (over >= 0 && over !== from) {
          /* Neighbours move around the held row, which keeps its pointer capture. */
          ids.splice(over, 0, ids.splice(from, 1)[0]);
          const next = list.children[over > from ? from + 1 : over];
          if (over > from) {
            for (let at = from; at < over; at += 1) {
              list.insertBefore(list.children[at + 1], rows[id]);
            }
          } else if (next) {
            for (let at = from - 1; at >= over; at -= 1) {
              list.insertBefore(list.children[at], rows[id].nextSibling);
            }
          }
          place();
        }
      });
      ['pointerup', 'pointercancel'].forEach(function (name) {
        handle.addEventListener(name, function () {
          if (rows[id].classList.contains('rq-item--held')) {
            rows[id].classList.remove('rq-item--held');
            told(id);
          }
        });
      });
    }

    if (view.revealed && view.result.solution) {
      box.appendChild(el('p', { class: 'rq-label', text: context.t('answer') }));
      const key = box.appendChild(el('ol', { class: 'rq-key' }));
      view.result.solution.forEach(function (id) {
        key.appendChild(el('li', { text: names[id] }));
      });
    }
    return box;
  }

  function match(leaf, view, context) {
    const names = named(leaf.targets);
    const solution = view.revealed && view.result.solution;
    const targets = context.shuffle(leaf.targets);
    const box = el('div', {
      class: 'rq-pairs', role: 'group', 'aria-labelledby': context.id + '-prompt'
    });
    context.shuffle(leaf.stems).forEach(function (stem, at) {
      const mark = verdictOf(view, stem.id);
      const id = context.id + '-' + at;
      const chosen = view.response[stem.id] || '';
      const long = el('p', { class: 'rq-pair__chosen', 'aria-hidden': 'true' });
      const select = el('select', {
        id: id,
        class: 'rq-pair__field',
        disabled: Boolean(view.result),
        onchange: function () {
          const response = Object.assign({}, view.response);
          if (select.value) {
            response[stem.id] = select.value;
          } else {
            delete response[stem.id];
          }
          view.response = response;
          tell();
          context.change(response);
        }
      }, el('option', { value: '', text: context.t('choose') }));
      targets.forEach(function (target) {
        select.appendChild(el('option', { value: target.id, text: target.text }));
      });
      select.value = chosen;
      /* A closed list cuts long texts off: they are written out below it. */
      function tell() {
        const text = names[select.value] || '';
        long.textContent = text.length > 28 ? text : '';
        long.hidden = !long.textContent;
      }
      tell();
      const answer = solution && mark === 'wrong' ? names[solution[stem.id]] : null;
      box.appendChild(el('div', { class: 'rq-pair' + (mark ? ' rq-pair--' + mark : '') },
        el('label', { class: 'rq-pair__stem', for: id, text: stem.text }),
        el('span', { class: 'rq-pair__line', 'aria-hidden': 'true' }),
        el('div', { class: 'rq-pair__side' }, select, long,
          mark && verdict(mark, context.t),
          answer && el('strong', { class: 'rq-pair__answer', text: answer }))));
    });
    return box;
  }

  Rambla.controls = {
    single: choice, multiple: choice, gaps: gaps, order: order, match: match
  };
})();
