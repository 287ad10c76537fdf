// Which errors of the driver mean that the database cannot be reached just now, and will be again: whoever asked may try later.
// Anything else is a defect of ours or of the data, and must not be hidden behind "try again".
import {
  MongoClientClosedError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';

const classes = [
  MongoServerSelectionError,
  // With its descendants: timeouts of sockets, pools that were cleared.
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
];

/** The driver does not export the class of this error: no connection became free within `waitQueueTimeoutMS`. */
const noFreeConnection = 'MongoWaitQueueTimeoutError';

/**
 * What a server answers that is stopping, or is not the primary (any more): the codes on which the driver itself takes a server to
 * be unusable (Server Discovery and Monitoring, "not writable primary" and "node is recovering").
 */
const leaving = new Set<unknown>([91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436]);

/** Whether an error means that the database does not answer just now. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof Error &&
  (classes.some((one) => error instanceof one) ||
    error.name === noFreeConnection ||
    (error instanceof MongoServerError && leaving.has(error.code)));
