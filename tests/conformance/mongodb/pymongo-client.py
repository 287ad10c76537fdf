"""Tries one thing after the other through pymongo and prints [what, answer] for each as a line of JSON.

Usage: pymongo-client.py mongodb://host:port database
"""
import base64
import datetime
import json
import sys

from bson import Binary, Decimal128, Int64
from pymongo import DeleteOne, InsertOne, MongoClient, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

client = MongoClient(sys.argv[1], serverSelectionTimeoutMS=5000)
db = client[sys.argv[2]]
items = db["items"]


def tries(what, body):
    """Prints the answer of `body`, or the error that it ends with."""
    try:
        answer = body()
    except Exception as error:  # whatever it is, it is what the server made of it
        answer = f"{type(error).__name__}: {error}"
    print(json.dumps([what, answer]))


def kept(value):
    """The value after it was stored and read again."""
    items.insert_one({"_id": "kept", "value": value})
    try:
        return items.find_one({"_id": "kept"})["value"]
    finally:
        items.delete_one({"_id": "kept"})


def duplicate():
    try:
        items.insert_one({"_id": 1})
    except DuplicateKeyError as error:
        return error.code


def bulk_errors():
    try:
        items.insert_many([{"_id": 50}, {"_id": 1}, {"_id": 51}], ordered=False)
    except BulkWriteError as error:
        items.delete_many({"_id": {"$in": [50, 51]}})
        return [problem["index"] for problem in error.details["writeErrors"]]


def bulk():
    result = items.bulk_write(
        [InsertOne({"_id": 60}), UpdateOne({"_id": 60}, {"$set": {"a": 60}}), DeleteOne({"_id": 60})]
    )
    return [result.inserted_count, result.modified_count, result.deleted_count]


def in_session():
    with client.start_session() as session:
        return len(list(db["many"].find({}, session=session)))


tries("inserts many", lambda: len(items.insert_many([{"_id": i, "a": i} for i in (1, 2, 3)]).inserted_ids))
tries("finds in order", lambda: [d["_id"] for d in items.find({"a": {"$gt": 1}}).sort("_id", 1)])
tries("keeps 64-bit numbers", lambda: str(kept(Int64(9007199254740993))))
tries("keeps a date", lambda: kept(datetime.datetime(2026, 3, 1, 12)).isoformat())
tries("keeps bytes", lambda: base64.b64encode(kept(Binary(b"\x00\x01\x02"))).decode())
tries("keeps a decimal", lambda: str(kept(Decimal128("1.10"))))


def update_one():
    result = items.update_one({"_id": 1}, {"$inc": {"a": 10}})
    return [result.matched_count, result.modified_count]


tries("updates one", update_one)
tries("updates many", lambda: items.update_many({}, {"$set": {"b": 1}}).modified_count)
tries("upserts", lambda: items.update_one({"_id": "new"}, {"$set": {"a": 5}}, upsert=True).upserted_id)
tries("replaces", lambda: items.replace_one({"_id": "new"}, {"a": 6}).modified_count)
tries(
    "finds and updates",
    lambda: items.find_one_and_update({"_id": "new"}, {"$inc": {"a": 1}}, return_document=ReturnDocument.AFTER)["a"],
)
tries("deletes", lambda: items.delete_one({"_id": "new"}).deleted_count)
tries("names a duplicate", duplicate)
tries("names the errors of a bulk by their index", bulk_errors)
tries("writes in bulk", bulk)
tries("makes a unique index", lambda: items.create_index("a", unique=True))
tries("lists indexes", lambda: sorted(items.index_information()))
many = db["many"]
many.insert_many([{"_id": i, "k": "x" if i % 3 else "y", "m": i % 3} for i in range(1000)])
tries(
    "aggregates",
    lambda: list(
        many.aggregate(
            [{"$match": {"_id": {"$lt": 3}}}, {"$group": {"_id": "$k", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]
        )
    ),
)
tries("goes through many documents", lambda: sum(1 for _ in many.find({}, batch_size=100)))
tries("counts", lambda: many.count_documents({}))
tries("tells apart", lambda: sorted(many.distinct("m")))
tries("uses a session", in_session)
tries("lists collections", lambda: sorted(db.list_collection_names()))
many.drop()
tries("drops", lambda: sorted(db.list_collection_names()))
