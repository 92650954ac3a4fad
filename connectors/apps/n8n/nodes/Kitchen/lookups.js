// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

module.exports = [
  { key: 'clients', needs: [] },
  { key: 'members', needs: [] },
  { key: 'companies', needs: [] },
  { key: 'folders', needs: [] },
  { key: 'boards', needs: [] },
  { key: 'lists', needs: ['board'] },
  { key: 'tasks', needs: ['board'] },
  { key: 'labels', needs: ['board'] },
  { key: 'tasks_to_move', needs: ['from_board'] },
];
