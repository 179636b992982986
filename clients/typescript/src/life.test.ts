// The life of an order, against the service at $CHOBA with the key $CHOBA_KEY.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { choba } from "./index.js";

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const client = choba(setting("CHOBA"), setting("CHOBA_KEY"));
const once = () => ({ "Idempotency-Key": randomUUID() });

const cart = {
  market: "rakuten-style",
  lines: [
    { id: "1", sku: "A", seller: "shop-a", kind: "physical", unit_price: 2000, quantity: 2, tax_rate: "0.10" },
  ],
  pay: { method: { type: "card" } },
};

/** What was answered, or the problem as an error. */
function answered<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

test("an order is quoted, placed, shipped, tracked, sent back and refunded", async () => {
  const quote = answered(
    await client.POST("/v1/quotes", { params: { query: { customer_id: "yuki" } }, body: cart }),
  );
  assert.equal(quote.total, 4000);

  const placed = answered(
    await client.POST("/v1/orders", {
      params: { header: once() },
      body: { customer_id: "yuki", request: cart, expected: { total: quote.total }, card_token: "tok_ok" },
    }),
  );
  const path = { order: placed.number };

  const shipped = answered(
    await client.POST("/v1/orders/{order}/shipments", {
      params: { path, header: once() },
      body: { seller: "shop-a", carrier: "yamato", tracking_numbers: ["100000000001"] },
    }),
  );
  const shipment = shipped.part;
  assert.ok(shipment);

  const number = "100000000001";
  const parcel = answered(await client.GET("/v1/parcels/{number}", { params: { path: { number } } }));
  assert.ok(parcel);
  const tracked = answered(await client.GET("/v1/orders/{order}/parcels", { params: { path } }));
  assert.ok(tracked);

  answered(
    await client.POST("/v1/orders/{order}/shipments/{shipment}/delivered", {
      params: { path: { ...path, shipment } },
    }),
  );
  const asked = answered(
    await client.POST("/v1/orders/{order}/returns", {
      params: { path, header: once() },
      body: { lines: [{ line_id: "1", quantity: 1 }], reason: "defective" },
    }),
  );
  const returned = asked.part;
  assert.ok(returned);
  const back = { path: { ...path, number: returned } };
  answered(await client.POST("/v1/orders/{order}/returns/{number}/received", { params: back }));
  answered(
    await client.POST("/v1/orders/{order}/returns/{number}/inspected", { params: back, body: { findings: [] } }),
  );
  const refunded = answered(
    await client.POST("/v1/orders/{order}/returns/{number}/refund", { params: { ...back, header: once() } }),
  );
  assert.equal(refunded.refund?.net, 2000);
});

test("an error is a problem whose code programs can go by", async () => {
  const { error, response } = await client.POST("/v1/orders", {
    params: { header: once() },
    body: { customer_id: "yuki", request: cart, expected: { total: 1 }, card_token: "tok_ok" },
  });
  assert.equal(response.status, 409);
  assert.equal(error?.code, "quote_changed");
});
