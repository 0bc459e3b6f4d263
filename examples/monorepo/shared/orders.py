def open_orders():
    return [{"id": 1, "total": 1200}, {"id": 2, "total": 45}]
