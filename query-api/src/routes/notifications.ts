// What customers and the warehouse were told, or why not.
import { problem, problemResponses, type Http } from '@comptoir/service';
import { notificationsCollection } from '@comptoir/views';
import { Type } from 'typebox';
import { Instant, equal, itemQuery, listQuery, maxTimeMS, oneOf, page, readPage } from '../listing.ts';
import type { ViewAccess } from '../view-access.ts';

const kinds = ['order-confirmed', 'order-rejected', 'order-shipped', 'order-cancelled', 'low-stock'] as const;
const statuses = ['queued', 'sent', 'failed', 'recorded'] as const;

const Notification = Type.Object(
  {
    eventId: Type.String({ description: 'The event that it tells of; also the id of the notification.' }),
    eventType: Type.String(),
    position: Type.String({ description: 'Where that event stands in the log.' }),
    kind: oneOf(kinds, 'What it says.'),
    orderId: Type.Optional(Type.String()),
    sku: Type.Optional(Type.String()),
    to: Type.String({ description: 'Mail address.' }),
    language: Type.String({ description: 'en or fr.' }),
    subject: Type.String(),
    text: Type.String(),
    status: oneOf(statuses, 'recorded: there is no mail server, this record is all there is.'),
    reason: Type.Optional(Type.String({ description: 'Why it was not sent, or not yet.' })),
    attempts: Type.Integer(),
    correlationId: Type.String(),
    createdAt: Instant,
    sentAt: Type.Optional(Instant),
  },
  { description: 'A notification.' },
);

const query = listQuery(['-createdAt', 'createdAt'], {
  orderId: Type.Optional(Type.String({ maxLength: 100 })),
  status: Type.Optional(oneOf(statuses, 'Only notifications of this status.')),
});

/** Adds the routes of notifications. */
export function addNotificationRoutes(app: Http, views: ViewAccess): void {
  app.get(
    '/v1/notifications',
    {
      schema: {
        summary: 'Notifications',
        tags: ['notifications'],
        querystring: query,
        response: { 200: page(Notification), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { orderId, status } = request.query;
      await views.reach('notifications', request.query, reply);
      const filters = [...equal('orderId', orderId), ...equal('status', status)];
      return readPage(notificationsCollection(views.db), request.query, filters);
    },
  );

  app.get(
    '/v1/notifications/:eventId',
    {
      schema: {
        summary: 'The notification of one event',
        tags: ['notifications'],
        params: Type.Object({ eventId: Type.String() }),
        querystring: itemQuery,
        response: { 200: Notification, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { eventId } = request.params;
      await views.reach('notifications', request.query, reply);
      const notification = await notificationsCollection(views.db).findOne({ _id: eventId }, { maxTimeMS });
      if (notification !== null) return notification;
      throw problem({
        status: 404,
        code: 'notification-not-found',
        detail: `Event ${eventId} has no notification.`,
      });
    },
  );
}
