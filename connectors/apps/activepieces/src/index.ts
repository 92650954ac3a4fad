// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createPiece } from '@activepieces/pieces-framework';
import { PieceCategory } from '@activepieces/shared';
import { kitchenAuth } from './lib/auth';
import { clientCreated, clientCreatedPolling } from './lib/triggers/client-created';
import { clientUpdated } from './lib/triggers/client-updated';
import { clientDeleted } from './lib/triggers/client-deleted';
import { companyCreated, companyCreatedPolling } from './lib/triggers/company-created';
import { companyUpdated } from './lib/triggers/company-updated';
import { companyDeleted } from './lib/triggers/company-deleted';
import { folderCreated, folderCreatedPolling } from './lib/triggers/folder-created';
import { folderUpdated } from './lib/triggers/folder-updated';
import { folderDeleted } from './lib/triggers/folder-deleted';
import { boardCreated, boardCreatedPolling } from './lib/triggers/board-created';
import { boardUpdated } from './lib/triggers/board-updated';
import { boardDeleted } from './lib/triggers/board-deleted';
import { listCreated, listCreatedPolling } from './lib/triggers/list-created';
import { listUpdated } from './lib/triggers/list-updated';
import { listDeleted } from './lib/triggers/list-deleted';
import { taskCreated, taskCreatedPolling } from './lib/triggers/task-created';
import { taskUpdated } from './lib/triggers/task-updated';
import { taskCompleted } from './lib/triggers/task-completed';
import { taskReopened } from './lib/triggers/task-reopened';
import { taskMoved } from './lib/triggers/task-moved';
import { taskDeleted } from './lib/triggers/task-deleted';
import { taskCommentCreated, taskCommentCreatedPolling } from './lib/triggers/task-comment-created';
import { webhookDisabled } from './lib/triggers/webhook-disabled';
import { operationSucceeded } from './lib/triggers/operation-succeeded';
import { operationFailed } from './lib/triggers/operation-failed';
import { operationCancelled } from './lib/triggers/operation-cancelled';
import { createClient } from './lib/actions/create-client';
import { updateClient } from './lib/actions/update-client';
import { deleteClient } from './lib/actions/delete-client';
import { createCompany } from './lib/actions/create-company';
import { updateCompany } from './lib/actions/update-company';
import { deleteCompany } from './lib/actions/delete-company';
import { inviteMember } from './lib/actions/invite-member';
import { updateMember } from './lib/actions/update-member';
import { removeMember } from './lib/actions/remove-member';
import { createFolder } from './lib/actions/create-folder';
import { updateFolder } from './lib/actions/update-folder';
import { duplicateFolder } from './lib/actions/duplicate-folder';
import { deleteFolder } from './lib/actions/delete-folder';
import { archiveFolder } from './lib/actions/archive-folder';
import { restoreFolder } from './lib/actions/restore-folder';
import { moveFolder } from './lib/actions/move-folder';
import { createBoard } from './lib/actions/create-board';
import { updateBoard } from './lib/actions/update-board';
import { deleteBoard } from './lib/actions/delete-board';
import { archiveBoard } from './lib/actions/archive-board';
import { restoreBoard } from './lib/actions/restore-board';
import { moveBoard } from './lib/actions/move-board';
import { createList } from './lib/actions/create-list';
import { updateList } from './lib/actions/update-list';
import { deleteList } from './lib/actions/delete-list';
import { createTask } from './lib/actions/create-task';
import { updateTask } from './lib/actions/update-task';
import { moveTask } from './lib/actions/move-task';
import { completeTask } from './lib/actions/complete-task';
import { reopenTask } from './lib/actions/reopen-task';
import { deleteTask } from './lib/actions/delete-task';
import { commentOnTask } from './lib/actions/comment-on-task';
import { addTaskMember } from './lib/actions/add-task-member';
import { removeTaskMember } from './lib/actions/remove-task-member';
import { createLabel } from './lib/actions/create-label';
import { updateLabel } from './lib/actions/update-label';
import { deleteLabel } from './lib/actions/delete-label';
import { addTaskLabel } from './lib/actions/add-task-label';
import { removeTaskLabel } from './lib/actions/remove-task-label';
import { findClient, findOrCreateClient } from './lib/actions/find-client';
import { findCompany, findOrCreateCompany } from './lib/actions/find-company';
import { findMember, findOrInviteMember } from './lib/actions/find-member';
import { findFolder, findOrCreateFolder } from './lib/actions/find-folder';
import { findBoard, findOrCreateBoard } from './lib/actions/find-board';
import { findList, findOrCreateList } from './lib/actions/find-list';
import { findTask, findOrCreateTask } from './lib/actions/find-task';

const logo = 'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Crect width=%2232%22 height=%2232%22 rx=%228%22 fill=%22%232b56c8%22/%3E%3Cpath d=%22M9 8v16M23 8l-9.5 8L23 24%22 fill=%22none%22 stroke=%22%23fff%22 stroke-width=%223.25%22 stroke-linecap=%22round%22 stroke-linejoin=%22round%22/%3E%3Ccircle cx=%2213.5%22 cy=%2216%22 r=%222.6%22 fill=%22%23fff%22/%3E%3C/svg%3E';

export const kitchen = createPiece({
  displayName: 'Kitchen',
  description: 'Clients, companies, boards and everything else in a Kitchen workspace.',
  auth: kitchenAuth,
  logoUrl: logo,
  authors: [],
  categories: [PieceCategory.SALES_AND_CRM, PieceCategory.PRODUCTIVITY],
  actions: [
    createClient,
    updateClient,
    deleteClient,
    createCompany,
    updateCompany,
    deleteCompany,
    inviteMember,
    updateMember,
    removeMember,
    createFolder,
    updateFolder,
    duplicateFolder,
    deleteFolder,
    archiveFolder,
    restoreFolder,
    moveFolder,
    createBoard,
    updateBoard,
    deleteBoard,
    archiveBoard,
    restoreBoard,
    moveBoard,
    createList,
    updateList,
    deleteList,
    createTask,
    updateTask,
    moveTask,
    completeTask,
    reopenTask,
    deleteTask,
    commentOnTask,
    addTaskMember,
    removeTaskMember,
    createLabel,
    updateLabel,
    deleteLabel,
    addTaskLabel,
    removeTaskLabel,
    findClient,
    findOrCreateClient,
    findCompany,
    findOrCreateCompany,
    findMember,
    findOrInviteMember,
    findFolder,
    findOrCreateFolder,
    findBoard,
    findOrCreateBoard,
    findList,
    findOrCreateList,
    findTask,
    findOrCreateTask,
  ],
  triggers: [
    clientCreated,
    clientCreatedPolling,
    clientUpdated,
    clientDeleted,
    companyCreated,
    companyCreatedPolling,
    companyUpdated,
    companyDeleted,
    folderCreated,
    folderCreatedPolling,
    folderUpdated,
    folderDeleted,
    boardCreated,
    boardCreatedPolling,
    boardUpdated,
    boardDeleted,
    listCreated,
    listCreatedPolling,
    listUpdated,
    listDeleted,
    taskCreated,
    taskCreatedPolling,
    taskUpdated,
    taskCompleted,
    taskReopened,
    taskMoved,
    taskDeleted,
    taskCommentCreated,
    taskCommentCreatedPolling,
    webhookDisabled,
    operationSucceeded,
    operationFailed,
    operationCancelled,
  ],
});
