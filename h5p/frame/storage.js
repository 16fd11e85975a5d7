// Runs before H5P core. In a sandboxed frame without allow-same-origin the browser refuses
// storage and cookies with an exception, at which core and some libraries stop. They get
// stand-ins that last as long as the page.
(function () {
  'use strict';

  function Memory() {}
  Memory.prototype = {
    getItem: function (key) {
      return Object.prototype.hasOwnProperty.call(this, key) ? this[key] : null;
    },
    setItem: function (key, value) {
      this[key] = String(value);
    },
    removeItem: function (key) {
      delete this[key];
    },
    clear: function () {
      Object.keys(this).forEach(this.removeItem, this);
    },
    key: function (index) {
      var keys = Object.keys(this);
      return index < keys.length ? keys[index] : null;
    },
  };
  Object.defineProperty(Memory.prototype, 'length', {
    get: function () {
      return Object.keys(this).length;
    },
  });

  function standIn(owner, name, property) {
    try {
      void owner[name];
    } catch (refused) {
      property.configurable = true;
      Object.defineProperty(owner, name, property);
    }
  }

  standIn(window, 'localStorage', { value: new Memory() });
  standIn(window, 'sessionStorage', { value: new Memory() });
  standIn(document, 'cookie', {
    get: function () {
      return '';
    },
    set: function () {},
  });
})();
