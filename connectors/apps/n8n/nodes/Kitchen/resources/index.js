// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

module.exports = [
  require('./client'),
  require('./company'),
  require('./member'),
  require('./folder'),
  require('./board'),
  require('./list'),
  require('./task'),
  require('./task_comment'),
  require('./label'),
];
